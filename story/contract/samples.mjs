// Runs the reference's samples as a reader would: copied from /docs.md, with the ids of his own objects.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

// samplesOf lists the samples of the Markdown: {method, path, language, code}.
function samplesOf(markdown) {
  const found = [];
  for (const part of markdown.split(/\n### /)) {
    const route = /^`([A-Z]+) (\S+)`$/m.exec(part);
    if (!route) continue;
    for (const [, language, code] of part.matchAll(/```(sh|js)\n([\s\S]*?)\n```/g)) found.push({ method: route[1], path: route[2], language, code });
  }
  return found;
}

// samplesRun copies and runs, in both languages that need no compiler, the sample of each call that
// reads and of the first call that everybody tries.
export async function samplesRun({ demo, judge, upload }) {
  const markdown = await (await fetch(`${demo.url}/docs.md`)).text();
  const one = async (path) => (await judge.call(200, "GET", path)).data[0]?.id;
  const customer = (await judge.call(200, "GET", "/v1/payment_links?channel=in_app")).data[0]?.customer.id;
  const { token } = await judge.call(201, "POST", `/v1/customers/${customer}/inbox_token`);
  const [entry] = (await judge.call(200, "GET", "/v1/ledger/entries?account=receipts")).data;
  const book = `account=receipts&currency=${entry.currency}&account_id=${entry.account_id}`;
  const ids = {
    "ledger/entries": entry.id,
    payment_links: await one("/v1/payment_links"), payments: await one("/v1/payments"),
    webhook_endpoints: (await judge.call(201, "POST", "/v1/webhook_endpoints", { body: { url: "http://127.0.0.1:9/", events: ["payment_link.tampered"] } })).id,
    bulk: upload, attachments: await one("/v1/attachments"), discount_codes: await one("/v1/discount_codes"), suppressions: await one("/v1/suppressions"), customers: await one("/v1/customers"), accounts: await one("/v1/accounts"), templates: await one("/v1/templates"), message_templates: await one("/v1/message_templates"),
    refunds: await one("/v1/refunds"), disputes: await one("/v1/disputes"),
    webhook_deliveries: await one("/v1/webhook_deliveries"),
  };
  const folder = mkdtempSync(join(tmpdir(), "paylink-samples-"));
  let count = 0;
  try {
    for (const { method, path, language, code } of samplesOf(markdown)) {
      const first = path === "/v1/payment_links" && method === "POST";
      if ((method !== "GET" && !first) || path.endsWith("/stream")) continue;
      const own = code.replace(/\/v1\/((?:ledger\/)?\w+)\/\w+_[0-9a-z]{26}/, (_, kind) => `/v1/${kind}/${ids[kind]}`).replace(/(\/v1\/ledger\/statement(?:\.csv)?)(?:\?[^"'`\s]*)?(?=["'`\s])/, `$1?${language === "sh" ? book.replaceAll("&", "\\&") : book}`).replace("order-1042", `sample-${language}`);
      const [program, args] = language === "js" ? [process.execPath, ["--input-type=module", "-e", own]] : ["bash", ["-c", own.replace("curl ", "curl --silent --show-error --fail ")]];
      try {
        await run(program, args, { cwd: folder, timeout: 30_000, env: { ...process.env, PAYLINK_KEY: demo.api_key, INBOX_TOKEN: token } });
        count++;
      } catch (error) {
        judge.wrong.push(`the ${language} sample of ${method} ${path} fails: ${error.stderr || error.message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (count < 24) judge.wrong.push(`only ${count} samples ran`);
}
