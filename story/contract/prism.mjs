// Starts Prism between the walk and the server: a proxy of others' making that holds every request and
// every answer against the OpenAPI document, and says what does not fit in the header sl-violations.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("node_modules/@stoplight/prism-cli/dist/index.js", import.meta.url));

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

// startPrism resolves when the proxy answers: {url, stop()}. A port that was free a moment ago may have been
// taken by somebody else meanwhile; then another one is tried.
export async function startPrism(document, upstream) {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnce(document, upstream);
    } catch (error) {
      if (tries === 3 || !/EADDRINUSE/.test(error.message)) throw error;
    }
  }
}

async function startOnce(document, upstream) {
  const port = await freePort();
  const child = spawn(process.execPath, [program, "proxy", document, upstream, "--host", "127.0.0.1", "--port", String(port), "--cors", "false"]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said = (said + chunk).slice(-20_000)));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
  };
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 60_000; ; ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`prism did not start:\n${said}`);
    }
    if (/Prism is listening/.test(said)) return { url, stop, log: () => said };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
