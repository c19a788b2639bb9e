// Starts the real paylink for the walk, on an empty folder and a free port, and stops it again.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const module = fileURLToPath(new URL("../..", import.meta.url));

// startDemo resolves when the program is ready: {…demo.json, folder, log(), stop()}. The database is
// SQLite, unless PAYLINK_DATABASE_URL names another.
export async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), "paylink-walk-"));
  const program = join(folder, "paylink");
  execFileSync("go", ["build", "-o", program, "./cmd/paylink"], { cwd: module, stdio: "inherit" });
  const data = join(folder, "data");
  let said = "";
  const child = spawn(program, ["demo", "--listen", "127.0.0.1:0", "--data", data], { cwd: folder });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const code = await ended;
    clearTimeout(late);
    rmSync(folder, { recursive: true, force: true });
    return code;
  };
  const ready = join(data, "demo.json");
  for (const deadline = Date.now() + 20_000; !existsSync(ready); ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`paylink demo did not become ready:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { ...JSON.parse(readFileSync(ready, "utf8")), folder, stop, log: () => said };
}

// api calls paylink with the merchant's key; anything but 2xx is an error.
export async function api(demo, method, path, body) {
  const answer = await fetch(demo.url + path, {
    method,
    headers: { authorization: `Bearer ${demo.api_key}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

let made = 0;

// newLink makes a link over ₹2,450.00 by the API.
export const newLink = (demo, change = {}) =>
  api(demo, "POST", "/v1/payment_links", {
    amount: 245000, currency: "INR", description: "Order 1042", reference: `walk-${++made}`,
    customer: { name: "Asha", phone: "+919812345642", email: "asha@example.com" }, expires_in: 86400, ...change,
  });
