// Judges the DKIM signatures of one message, on standard input, by mailauth. The public keys are given as a
// JSON object of DNS names and their TXT records: node verify.mjs '{"paylink._domainkey.example.com":"v=DKIM1; …"}'.
// It writes a JSON list with what it found of each signature.
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

const records = JSON.parse(process.argv[2]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);

const resolver = async (name, type) => {
  if (type === "TXT" && records[name]) return [[records[name]]];
  const missing = new Error(`no ${type} record of ${name}`);
  missing.code = "ENOTFOUND";
  throw missing;
};

const { results } = await dkimVerify(Buffer.concat(chunks), { resolver, minBitLength: 2048 });
console.log(
  JSON.stringify(
    results.map((r) => ({
      domain: r.signingDomain ?? "",
      selector: r.selector ?? "",
      algorithm: r.algo ?? "",
      canonical: r.format ?? "",
      signed: r.signingHeaders?.keys ?? "",
      result: r.status?.result ?? "",
      comment: r.status?.comment ?? "",
    })),
  ),
);
