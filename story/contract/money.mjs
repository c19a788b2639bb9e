// The chapters of what follows a payment: it is reserved and taken, goes back, is disputed, and is decided about.
import { api } from "../browser/demo.mjs";

const links = "/v1/payment_links";
const order = { amount: 245000, currency: "INR", description: "Order 1042", customer: { name: "Asha", phone: "+919812345642", email: "asha@example.com" } };
const nobody = { pay: "pay_00000000000000000000000000", rfnd: "rfnd_00000000000000000000000000", rfnb: "rfnb_00000000000000000000000000", dspt: "dspt_00000000000000000000000000" };

// until asks until the answer is as wanted, for 15 seconds at most.
async function until(ask, fits) {
  for (const deadline = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await ask();
    if (fits(answer) || Date.now() > deadline) return answer;
  }
}

// paid is a payment of a new link, as it stands when the bank has decided.
async function paid({ demo, judge }, change = {}, status = "captured", method = "upi") {
  const link = await judge.call(201, "POST", links, { body: { ...order, ...change } });
  await api(demo, "POST", "/sandbox/pay", { url: link.url, method, outcome: "success" });
  const { data } = await until(() => judge.call(200, "GET", `/v1/payments?limit=20`), ({ data }) => data.some((p) => p.link_id === link.id && p.status === status));
  const payment = data.find((p) => p.link_id === link.id);
  if (payment?.status !== status) judge.wrong.push(`a payment is ${payment?.status}, want ${status}`);
  return payment;
}

export async function reservedMoneyIsTaken(world) {
  const { judge } = world;
  await judge.call(422, "POST", links, { body: { ...order, capture_method: "later" } });
  await judge.call(422, "POST", links, { body: { ...order, void_on_expiry: true } });
  const manual = { capture_method: "manual", expires_in: 3600, void_on_expiry: true };
  const one = `/v1/payments/${(await paid(world, manual, "authorised", "card")).id}`;
  for (const amount of [0, -1, 245001, 1.5, "all"]) await judge.call(422, "POST", `${one}/capture`, { body: { amount } });
  await judge.call(400, "POST", `${one}/capture`, { body: { amount: 5, currency: "INR" } });
  await judge.call(200, "POST", `${one}/capture`, { body: { amount: 200000 }, headers: { "idempotency-key": "capture-1" } });
  await until(() => judge.call(200, "GET", one), (p) => p.status === "captured");
  await judge.call(200, "POST", `${one}/capture`, { body: { amount: 200000 }, headers: { "idempotency-key": "capture-1" } });
  await judge.call(409, "POST", `${one}/void`);
  const two = `/v1/payments/${(await paid(world, manual, "authorised")).id}`;
  await judge.call(200, "POST", `${two}/void`);
  await until(() => judge.call(200, "GET", two), (p) => p.status === "voided");
  await judge.call(409, "POST", `${two}/capture`);
  for (const act of ["capture", "void"]) await judge.call(404, "POST", `/v1/payments/${nobody.pay}/${act}`);
}

export async function moneyGoesBack(world) {
  const { demo, judge } = world;
  const set = (status, refunds) => judge.call(status, "PATCH", "/v1/merchant", { body: { settings: { refunds } } });
  for (const refunds of [{ approve_above: -1 }, { cancel_within: 86401 }, { bulk_cancel_within: "long" }, { on_disputed: "ask" }]) await set(422, refunds);
  const payment = await paid(world);
  const at = `/v1/payments/${payment.id}/refunds`;
  for (const body of [{ amount: 0 }, { amount: "450" }, { amount: 1e12 + 1 }, { reason: "whim" }, { speed: "warp" }]) await judge.call(422, "POST", at, { body });
  await judge.call(400, "POST", at, { body: { currency: "INR" } });
  await judge.call(409, "POST", at, { body: { amount: 245001 } });
  await judge.call(404, "POST", `/v1/payments/${nobody.pay}/refunds`);
  const again = { body: { amount: 45000, reason: "duplicate", speed: "instant" }, headers: { "idempotency-key": "refund-1" } };
  const first = await judge.call(201, "POST", at, again);
  if ((await judge.call(201, "POST", at, again)).id !== first.id) judge.wrong.push("a repeated request made another refund");
  await until(() => judge.call(200, "GET", `/v1/refunds/${first.id}`), (r) => r.status === "succeeded");
  await judge.call(409, "POST", `/v1/refunds/${first.id}/cancel`);

  await set(200, { approve_above: 100000, cancel_within: 600, bulk_cancel_within: 1200, on_disputed: "refuse" });
  const waits = await judge.call(201, "POST", at, { body: { amount: 100000 } });
  if (waits.status !== "awaiting_approval") judge.wrong.push(`a refund above the threshold is ${waits.status}`);
  await judge.call(403, "POST", `/v1/refunds/${waits.id}/approve`);
  await judge.call(404, "POST", `/v1/refunds/${nobody.rfnd}/approve`);
  await judge.call(200, "POST", `/v1/refunds/${waits.id}/cancel`);
  const staffs = await askedByStaff(demo, payment.id, "1500.00");
  const { data } = await judge.call(200, "GET", `/v1/refunds?payment=${payment.id}&status=awaiting_approval`);
  if (!staffs || data.length !== 1) judge.wrong.push(`${data.length} refunds of the staff wait for approval`);
  else await judge.call(200, "POST", `/v1/refunds/${data[0].id}/approve`);

  const other = await paid(world);
  const list = { refunds: [{ payment: other.id, amount: 1000 }, { payment: other.id, amount: 999999 }, { payment: nobody.pay }] };
  const made = await judge.call(200, "POST", "/v1/refunds/bulk", { body: list, headers: { "idempotency-key": "list-1" } });
  if (made.created !== 1 || made.failed !== 2) judge.wrong.push(`of the list ${made.created} are made, ${made.failed} not`);
  for (const refunds of [[], "all", [{ payment: other.id, reason: "whim" }], Array(101).fill({ payment: other.id })]) {
    await judge.call(422, "POST", "/v1/refunds/bulk", { body: { refunds } });
  }
  await judge.call(200, "POST", `/v1/refunds/bulk/${made.batch}/cancel`);
  await judge.call(404, "POST", `/v1/refunds/bulk/${nobody.rfnb}/cancel`);
  await set(200, null);

  const page = await judge.call(200, "GET", "/v1/refunds?limit=1");
  await judge.call(200, "GET", `/v1/refunds?limit=1&cursor=${encodeURIComponent(page.next_cursor)}`);
  await judge.call(200, "GET", `/v1/refunds?batch=${made.batch}`);
  await judge.call(422, "GET", "/v1/refunds?status=lost");
  await judge.call(404, "GET", `/v1/refunds/${nobody.rfnd}`);
}

// askedByStaff asks for a refund at the dashboard, as somebody other than the key's owner.
async function askedByStaff(demo, payment, amount) {
  const post = (path, form, cookie = "") =>
    fetch(demo.url + path, { method: "POST", redirect: "manual", headers: { cookie, "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(form) });
  const entered = await post("/dashboard/login", { email: demo.dashboard_email, password: demo.dashboard_password });
  const cookie = entered.headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
  const asked = await post(`/dashboard/test/payments/${payment}/refund`, { amount, confirm: "yes" }, cookie);
  return asked.headers.get("location")?.endsWith("note=refunded");
}

export async function disputesAreAnswered(world) {
  const { demo, judge } = world;
  const disputed = async (reason) => {
    const payment = await paid(world, {}, "captured", "card");
    const { id } = await api(demo, "POST", `/sandbox/orders/${payment.reference}/dispute?reason=${reason}`, {});
    const { data } = await until(() => judge.call(200, "GET", `/v1/disputes?payment_id=${payment.id}`), ({ data }) => data.length > 0);
    return { bank: id, payment: payment.id, at: `/v1/disputes/${data[0]?.id}` };
  };
  const one = await disputed("not_received");
  await judge.call(200, "GET", one.at);
  await judge.call(200, "GET", `/v1/payments/${one.payment}`);
  await judge.call(409, "POST", `/v1/payments/${one.payment}/refunds`);
  for (const body of [{ text: 5 }, { text: "x".repeat(12001) }, { text: "bell\u0007" }, { delivered_at: "today" }, { attachment_id: "att_00000000000000000000000000" }]) {
    await judge.call(422, "POST", `${one.at}/evidence`, { body });
  }
  await judge.call(400, "POST", `${one.at}/evidence`, { body: { words: "ours" } });
  await judge.call(200, "POST", `${one.at}/evidence`, { body: { text: "Signed for at the door.", delivered_at: "2026-11-20T09:30:00Z" }, headers: { "idempotency-key": "evidence-1" } });
  await until(() => judge.call(200, "GET", one.at), (d) => d.status === "under_review");
  await judge.call(409, "POST", `${one.at}/accept`);
  await api(demo, "POST", `/sandbox/disputes/${one.bank}/outcome?outcome=won`, {});
  await until(() => judge.call(200, "GET", one.at), (d) => d.status === "won");
  const two = await disputed("fraudulent");
  await judge.call(200, "POST", `${two.at}/accept`);
  await until(() => judge.call(200, "GET", two.at), (d) => d.status === "accepted");
  await judge.call(409, "POST", `${two.at}/evidence`);
  const page = await judge.call(200, "GET", "/v1/disputes?limit=1");
  await judge.call(200, "GET", `/v1/disputes?limit=1&cursor=${encodeURIComponent(page.next_cursor)}`);
  await judge.call(200, "GET", "/v1/disputes?status=won");
  await judge.call(422, "GET", "/v1/disputes?status=angry");
  await judge.call(404, "GET", `/v1/disputes/${nobody.dspt}`);
  for (const act of ["evidence", "accept"]) await judge.call(404, "POST", `/v1/disputes/${nobody.dspt}/${act}`);
}

// Money that came otherwise than asked waits for somebody to say what becomes of it.
export async function heldMoneyIsDecided(world) {
  const { judge } = world;
  const link = await judge.call(201, "POST", links, { body: { ...order, on_late_payment: "hold" } });
  await api(world.demo, "POST", "/sandbox/pay", { url: link.url, method: "card", outcome: "late" });
  await judge.call(200, "POST", `${links}/${link.id}/cancel`);
  const { data } = await until(() => judge.call(200, "GET", "/v1/payments?limit=20"), ({ data }) => data.some((p) => p.link_id === link.id && p.disposition === "hold"));
  const held = data.find((p) => p.link_id === link.id);
  const at = `/v1/payments/${held.id}/resolve`;
  for (const body of [{}, { outcome: "keep" }, { outcome: "hold" }]) await judge.call(422, "POST", at, { body });
  await judge.call(200, "POST", at, { body: { outcome: "credit" } });
  await judge.call(409, "POST", at, { body: { outcome: "accept" } });
  await judge.call(404, "POST", `/v1/payments/${nobody.pay}/resolve`, { body: { outcome: "accept" } });
  await judge.call(200, "GET", "/v1/balance?currency=INR");
  for (const path of ["balance", "ledger/accounts", "ledger/trial_balance", "ledger/trial_balance.csv"]) await judge.call(422, "GET", `/v1/${path}?currency=rupees`);
  await judge.call(200, "GET", "/v1/ledger/entries?account=customer_credit");
}

const gateways = {
  razorpay: { key_id: "rzp_test_walk00000000000", key_secret: "walk", secret: "walk" },
};

// An account with a gateway says what it takes, for how much, and who comes first.
export async function gatewaysAreConnected({ judge }) {
  for (const [provider, fields] of Object.entries(gateways)) {
    const body = { provider, name: "Walk", base_url: "http://127.0.0.1:9", fields: { ...fields, methods: "upi", currencies: "INR", amounts: "INR=100-5000000", fees: "upi=0, card=200+300", share: "30" } };
    const made = await judge.call(201, "POST", "/v1/accounts", { body });
    const at = `/v1/accounts/${made.id}`;
    for (const wrong of [{ methods: "*" }, { share: "most" }, { amounts: "INR 5" }, { key_id: "" }]) await judge.call(422, "PATCH", at, { body: { fields: wrong } });
    await judge.call(200, "PATCH", at, { body: { fields: { secret: "again" }, previous_secrets_for: 60 } });
    await judge.call(200, "POST", `${at}/test`);
    await judge.call(200, "GET", at);
    await judge.call(204, "DELETE", at);
  }
  const set = (status, settings) => judge.call(status, "PATCH", "/v1/merchant", { body: { settings } });
  await set(200, { payment_routing: { card: "cheapest", upi: "share", netbanking: "healthiest", other: "rank" }, upi_category: "education" });
  await set(422, { payment_routing: { card: "nearest" } });
  await set(422, { upi_category: "toys" });
  await set(200, { payment_routing: null, upi_category: null });
}
