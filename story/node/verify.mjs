// Verifies webhooks that a running paylink sent, with libraries that are not ours: v1 with npm's
// standardwebhooks, v1a with Node's own crypto. The stories leave the files (script/test, part node).
//
//   node verify.mjs FILE…
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

// An Ed25519 public key in DER is this prefix and the key's 32 bytes (RFC 8410).
const derPrefix = Buffer.from("302a300506032b6570032100", "hex");

function ed25519Fits({ public_key, id, timestamp, body, signature }) {
  const raw = Buffer.from(public_key.replace(/^whpk_/, ""), "base64");
  if (raw.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([derPrefix, raw]), format: "der", type: "spki" });
  return signature
    .split(" ")
    .filter((word) => word.startsWith("v1a,"))
    .some((word) => verify(null, Buffer.from(`${id}.${timestamp}.${body}`), key, Buffer.from(word.slice(4), "base64")));
}

function hmacFits(delivery, body) {
  const headers = {
    "webhook-id": delivery.id,
    "webhook-timestamp": delivery.timestamp,
    "webhook-signature": delivery.signature,
  };
  try {
    new Webhook(delivery.secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

let good = 0;
const wrong = [];
for (const file of process.argv.slice(2)) {
  for (const delivery of JSON.parse(readFileSync(file, "utf8"))) {
    const changed = delivery.body.replace(/"id"/, '"Id"');
    const verdict = {
      v1: hmacFits(delivery, delivery.body),
      v1a: ed25519Fits(delivery),
      // The libraries must be able to say no, or their yes means nothing.
      "v1 of a changed body is refused": !hmacFits(delivery, changed),
      "v1a of a changed body is refused": !ed25519Fits({ ...delivery, body: changed }),
    };
    const failed = Object.keys(verdict).filter((name) => !verdict[name]);
    if (failed.length === 0) good++;
    else wrong.push(`${file}: ${delivery.id}: ${failed.join(", ")}`);
  }
}
for (const line of wrong) console.error(line);
console.log(`${good} webhooks verified, ${wrong.length} wrong`);
process.exit(good > 0 && wrong.length === 0 ? 0 : 1);
