// An SMSC for the tests of channel/smpp, by node-smpp, which knows nothing of paylink: it binds, takes
// messages apart and together again, sends receipts, and misbehaves as it is told over its control port.
//
//   node smsc.mjs <folder of the module smpp> [<certificate> <key>]
//
// It prints its two ports as one line of JSON and ends when its standard input does.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import http from 'node:http'

const smpp = createRequire(import.meta.url)(process.argv[2])
const tls = process.argv[3] ? { cert: readFileSync(process.argv[3]), key: readFileSync(process.argv[4]) } : {}

// What it does; the control port changes it.
let how = {}
const healthy = {
	bind: 0, // command_status of every bind
	status: 0, // of every submit
	busy: 0, // how many submits are answered with 0x58 before any is taken
	busyFrom: 1, // from which segment of a text on
	answers: 'at once', // 'never', 'late', or 'dropped': the line is cut instead
	receipts: 'after', // the answer; 'before', 'never'
	twice: false, // each receipt
	ids: 'decimal', // 'hex answer', 'hex receipt'
	by: 'text', // what receipts tell by: 'text', 'tlv'
	bare: false, // receipts without a type in esm_class
}
let next = 7000
let binds = 0
let unbinds = 0
const sessions = new Set()
let submits = [] // every submit_sm, as it came
let delivered = [] // statuses with which deliver_sm were answered

function reset(change) { how = { ...healthy, ...change } }
reset({})

const stamp = () => new Date().toISOString().replace(/[-:T]/g, '').slice(2, 12)

function receipt(session, pdu, id) {
	const states = { 603: ['UNDELIV', 5, '027'], 604: ['REJECTD', 8, '1042'], 605: ['EXPIRED', 3, '000'] }
	const [stat, state, err] = states[pdu.destination_addr.slice(-3)] ?? ['DELIVRD', 2, '000']
	const named = how.ids === 'hex receipt' ? id.toString(16) : String(id)
	const out = {
		source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1, destination_addr: pdu.source_addr,
		esm_class: how.bare ? 0 : 4,
	}
	if (how.by === 'tlv') Object.assign(out, { short_message: Buffer.alloc(0), receipted_message_id: named, message_state: state })
	else out.short_message = Buffer.from(`id:${named} sub:001 dlvrd:${stat === 'DELIVRD' ? '001' : '000'} submit date:${stamp()} done date:${stamp()} stat:${stat} err:${err} text:stat:`)
	for (let i = 0; i < (how.twice ? 2 : 1); i++) session.deliver_sm(out, r => delivered.push(r.command_status))
}

function submitted(session, pdu) {
	const udh = pdu.short_message.udh?.[0]
	const part = { ref: udh?.[2] ?? -1, total: udh?.[3] ?? 1, at: udh?.[4] ?? 1 }
	const options = Object.fromEntries(Object.entries(pdu).filter(([k]) => /^\d+$/.test(k)).map(([k, v]) => [Number(k).toString(16), v.toString('hex')]))
	const row = {
		...part, sequence: pdu.sequence_number, from: pdu.source_addr, fromTon: pdu.source_addr_ton, fromNpi: pdu.source_addr_npi,
		to: pdu.destination_addr, toTon: pdu.dest_addr_ton, toNpi: pdu.dest_addr_npi, esm: pdu.esm_class, coding: pdu.data_coding,
		registered: pdu.registered_delivery, validity: pdu.validity_period ? new Date(pdu.validity_period).toISOString() : '',
		text: typeof pdu.short_message.message === 'string' ? pdu.short_message.message : '', options, id: '', status: how.status,
	}
	submits.push(row)
	if (how.answers === 'dropped') return session.destroy()
	if (how.busy > 0 && part.at >= how.busyFrom) { how.busy--; row.status = 0x58 }
	if (row.status) return session.send(pdu.response({ command_status: row.status }))
	const id = next++
	row.id = how.ids === 'hex answer' ? id.toString(16).toUpperCase() : String(id)
	const answer = () => session.send(pdu.response({ message_id: row.id }))
	if (how.receipts === 'before') receipt(session, pdu, id)
	if (how.answers === 'at once') answer()
	if (how.answers === 'late') setTimeout(answer, 400)
	if (how.receipts === 'after') setTimeout(() => receipt(session, pdu, id), 20)
}

const server = smpp.createServer(tls, session => {
	sessions.add(session)
	session.on('close', () => sessions.delete(session))
	session.on('error', () => sessions.delete(session))
	session.on('bind_transceiver', pdu => {
		binds++
		const good = pdu.system_id === 'acme_trx' && pdu.password === 's3cret!' && pdu.interface_version === 0x34
		const status = how.bind || (good ? 0 : 0x0e)
		session.send(pdu.response({ command_status: status, system_id: 'smsc' }))
		if (status) session.close()
		else session.bound = true
	})
	session.on('submit_sm', pdu => submitted(session, pdu))
	session.on('enquire_link', pdu => session.send(pdu.response()))
	session.on('unbind', pdu => { unbinds++; session.send(pdu.response()); session.close() })
})

const control = {
	'/set': change => reset(change),
	'/submits': () => submits,
	'/told': () => ({ binds, unbinds, delivered, sessions: [...sessions].filter(s => s.bound).length }),
	'/cut': () => sessions.forEach(s => s.destroy()),
	'/goodbye': () => sessions.forEach(s => s.unbind()),
	'/enquire': () => new Promise(done => [...sessions].find(s => s.bound).enquire_link(r => done(r.command_status))),
	'/strange': () => new Promise(done => [...sessions].find(s => s.bound).query_sm({ message_id: '1' }, r => done(r.command_status))),
	'/write': ({ from, text, coding }) => new Promise(done => [...sessions].find(s => s.bound).deliver_sm(
		{ source_addr: from, source_addr_ton: 1, destination_addr: 'ACMEIN', data_coding: coding, short_message: text }, r => done(r.command_status))),
	'/receipt': out => new Promise(done => [...sessions].find(s => s.bound).deliver_sm(
		{ esm_class: 4, source_addr: out.from, destination_addr: 'ACMEIN', short_message: Buffer.from(out.text) }, r => done(r.command_status))),
}
const desk = http.createServer(async (req, res) => {
	let body = ''
	for await (const chunk of req) body += chunk
	const answer = await control[req.url](body ? JSON.parse(body) : {})
	res.end(JSON.stringify(answer ?? null))
})
desk.listen(0, '127.0.0.1', () => server.listen(0, '127.0.0.1', () => {
	console.log(JSON.stringify({ smpp: server.address().port, control: desk.address().port }))
}))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
