import { createHmac, timingSafeEqual } from "node:crypto";

// verifyReturn gives what the customer brings back, or null when nobody signed it, or too long ago.
export function verifyReturn(url, secret, now = Date.now(), tolerance = 300_000) {
  const query = new URL(url).searchParams;
  const values = ["link", "payment", "status", "reference", "timestamp", "signature"].map((name) => query.getAll(`paylink_${name}`));
  if (values.some((all) => all.length !== 1 || all[0].includes("\n"))) return null;
  const [link, payment, status, reference, timestamp, signatures] = values.flat();
  const text = ["paylink-return/1", link, payment, status, reference, timestamp].join("\n");
  const want = createHmac("sha256", Buffer.from(secret.replace(/^rtsec_/, ""), "base64")).update(text).digest();
  const genuine = signatures.split(".").some((hex) => /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, "hex"), want));
  if (!genuine || !(Math.abs(now - timestamp * 1000) <= tolerance)) return null;
  return { link, payment, status, reference, at: new Date(timestamp * 1000) };
}
