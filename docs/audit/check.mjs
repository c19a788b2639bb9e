// An independent check of the event chains in a backup of paylink, written from docs/audit.md alone:
//   node check.mjs backup.ndjson.gz      (Node 20, no packages; it reads the file twice)
// It prints what holds, or names the first broken entry and exits 1.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

async function* rows(table) { // the rows of one table, as objects; a file that was cut has no end
	let columns = [], at = "", ended = false;
	for await (const line of createInterface({ input: createReadStream(process.argv[2]).pipe(createGunzip()) })) {
		const v = JSON.parse(line);
		if (!Array.isArray(v)) { at = v.table; columns = v.columns; ended = "end" in v; }
		else if (at === table) yield Object.fromEntries(columns.map((name, i) => [name, v[i]]));
	}
	if (!ended) throw new Error("the backup has no last line: it was cut");
}
const chainOf = (r) => `${r.merchant_id} ${r.livemode ? "live" : "test"}`;
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };
const sized = (s) => { const b = Buffer.from(s), n = Buffer.alloc(4); n.writeUInt32BE(b.length); return Buffer.concat([n, b]); };
const hash = (prev, e) => createHash("sha256").update(Buffer.concat([prev, u64(e.seq), u64(e.at),
	...[...chainOf(e).split(" "), e.id, e.type, e.link_id, e.payment_id, e.message_id, e.actor, e.data].map(sized)])).digest("base64");

const chains = new Map(), broken = [];
const chain = (r) => chains.get(chainOf(r)) ?? chains.set(chainOf(r), { hashes: new Map(), seq: 0, hashed_seq: 0 }).get(chainOf(r));
const wrong = (name, seq, why) => broken.push({ name, seq, why });
for await (const head of rows("chains")) Object.assign(chain(head), { seq: head.seq, hashed_seq: head.hashed_seq, head: head.hash });
for await (const e of rows("events")) if (e.seq !== null) chain(e).hashes.set(e.seq, e.hash);
for await (const e of rows("events")) {
	const { hashes, hashed_seq } = chain(e), prev = e.seq === 1 ? Buffer.alloc(32) : Buffer.from(hashes.get(e.seq - 1) ?? "", "base64");
	if (e.seq !== null && (e.hash !== null || e.seq <= hashed_seq) && hash(prev, e) !== e.hash) wrong(chainOf(e), e.seq, `${e.id} has not the hash of its columns and the hash before it`);
}
for (const [name, c] of chains) {
	for (let seq = 1; seq <= c.seq; seq++) if (!c.hashes.has(seq)) { wrong(name, seq, "no event has this place"); break; }
	if (c.hashes.size > c.seq || (c.hashed_seq && c.hashes.get(c.hashed_seq) !== c.head)) wrong(name, c.seq, "the head is not the last event");
}
broken.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.seq - b.seq));
if (broken.length) { console.log(`broken: ${broken[0].name} sequence ${broken[0].seq}: ${broken[0].why}`); process.exit(1); }
console.log(`${chains.size} chains and ${[...chains.values()].reduce((n, c) => n + c.seq, 0)} events hold`);
