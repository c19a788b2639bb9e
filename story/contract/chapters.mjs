// The chapters of the walk: each calls operations with good and with bad input, through Prism.

const order = { amount: 245000, currency: "INR", description: "Order 1042", customer: { name: "Asha", phone: "+919812345642", email: "asha@example.com" } };
const nothing = { plink: "plink_00000000000000000000000000", pay: "pay_00000000000000000000000000", we: "we_00000000000000000000000000", whd: "whd_00000000000000000000000000" };
const soon = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// until asks until the answer is as wanted, for 15 seconds at most.
async function until(ask, fits) {
  for (const deadline = Date.now() + 15_000; ; await soon(100)) {
    const answer = await ask();
    if (fits(answer) || Date.now() > deadline) return answer;
  }
}

export async function whoIsAsking({ judge }) {
  await judge.call(200, "GET", "/v1/merchant");
  for (const key of ["", "sk_test_wrong", "nonsense"]) await judge.call(401, "GET", "/v1/merchant", { key });
  await judge.call(400, "GET", "/v1/merchant", { headers: { "paylink-version": "2020-01-01" } });
  await judge.call(200, "GET", "/v1/merchant", { headers: { "paylink-version": "2026-11-22" } });
  await judge.call(400, "GET", "/v1/merchant?colour=red");
}

export async function linksAreMade({ judge }) {
  await judge.call(201, "POST", "/v1/payment_links", { body: { amount: 1, currency: "JPY" } });
  await judge.call(201, "POST", "/v1/payment_links", {
    body: {
      ...order, reference: "walk-1", usage: { mode: "multi", max_payments: 3 }, expires_at: null, channels: ["sms", "whatsapp", "email", "in_app"],
      methods: ["upi", "card"], return_url: "https://shop.example/thanks", metadata: { order: "1042", shelf: "" }, notes: "two\nlines",
      on_late_payment: "hold", on_duplicate: "credit",
    },
  });
  const again = { body: { ...order, reference: "walk-2" }, headers: { "idempotency-key": "walk-2" } };
  const first = await judge.call(201, "POST", "/v1/payment_links", again);
  const second = await judge.call(201, "POST", "/v1/payment_links", again);
  if (first.id !== second.id) judge.wrong.push("a repeated request made another link");
  await judge.call(422, "POST", "/v1/payment_links", { ...again, body: { ...order, amount: 2 } });
  await judge.call(409, "POST", "/v1/payment_links", { body: { ...order, reference: "walk-2" } });
  await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, customer: { id: first.customer.id }, expires_in: 3600, channels: ["sms"] } });
}

// Each is wrong in its own way.
const badOrders = [
  {}, { amount: 100 }, { currency: "INR" }, { ...order, amount: 0 }, { ...order, amount: -5 }, { ...order, amount: 1_000_000_000_001 }, { ...order, amount: "100" },
  { ...order, amount: 1.5 }, { ...order, amount: null }, { ...order, currency: "inr" }, { ...order, currency: "XXY" }, { ...order, currency: "RUPEES" }, { ...order, currency: 5 },
  { ...order, description: "x".repeat(501) }, { ...order, description: "bell\u0007" }, { ...order, reference: "x".repeat(101) }, { ...order, notes: "x".repeat(2001) },
  { ...order, customer: { phone: "12" } }, { ...order, customer: { phone: "+91 98123 45642 ext. 5" } }, { ...order, customer: { email: "nobody" } }, { ...order, customer: { email: "a@b@c" } },
  { ...order, customer: { name: "x".repeat(101) } }, { ...order, customer: { locale: "nonsense!" } }, { ...order, customer: { id: "cust_00000000000000000000000000" } }, { ...order, customer: "Asha" },
  { ...order, usage: { mode: "often" } }, { ...order, usage: { mode: "single", max_payments: 2 } }, { ...order, usage: { mode: "multi", max_payments: 0 } },
  { ...order, expires_in: 0 }, { ...order, expires_in: 31_536_001 }, { ...order, expires_in: 60, expires_at: "2030-01-01T00:00:00Z" }, { ...order, expires_at: "tomorrow" },
  { ...order, expires_at: "2001-01-01T00:00:00Z" }, { ...order, channels: ["pigeon"] }, { ...order, channels: ["sms", "sms"] }, { ...order, channels: "sms" }, { ...order, channels: [null] },
  { currency: "INR", amount: 5, channels: ["sms"] }, { ...order, methods: ["gold"] }, { ...order, return_url: "http://shop.example" }, { ...order, return_url: "https://u:p@shop.example/" },
  { ...order, metadata: { k: 5 } }, { ...order, metadata: { ["k".repeat(41)]: "v" } }, { ...order, metadata: { k: "v".repeat(501) } }, { ...order, on_late_payment: "keep" }, { ...order, on_duplicate: 1 },
];

export async function badLinksAreRefused({ judge }) {
  for (const body of badOrders) await judge.call(422, "POST", "/v1/payment_links", { body });
  await judge.call(400, "POST", "/v1/payment_links", { body: { ...order, colour: "red" } });
  await judge.call(400, "POST", "/v1/payment_links", { body: { ...order, Amount: 5 } });
  await judge.call(400, "POST", "/v1/payment_links", { body: order, headers: { "idempotency-key": "two words" } });
  await judge.call(415, "POST", "/v1/payment_links", { body: order, headers: { "content-type": "text/plain" } });
  await judge.call(413, "POST", "/v1/payment_links", { body: { ...order, notes: "x".repeat(300_000) } });
  await judge.call(401, "POST", "/v1/payment_links", { body: order, key: "sk_test_wrong" });
}

export async function linksAreFound({ judge }) {
  const page = await judge.call(200, "GET", "/v1/payment_links?limit=2");
  await judge.call(200, "GET", `/v1/payment_links?limit=2&cursor=${encodeURIComponent(page.next_cursor)}`);
  const filters = "status=pending&reference=walk-2&phone=%2B919812345642&email=asha@example.com&amount_min=1&amount_max=1000000000000&q=Order&created_after=2020-01-01T00:00:00Z&created_before=2999-01-01T00:00:00Z";
  const found = await judge.call(200, "GET", `/v1/payment_links?${filters}`);
  if (found.data.length !== 1) judge.wrong.push(`the filters find ${found.data.length} links`);
  await judge.call(200, "GET", `/v1/payment_links?channel=in_app&customer=${found.data[0].customer.id}`);
  await judge.call(200, "GET", "/v1/payment_links?overdue=true&due_after=2020-01-01T00:00:00Z&due_before=2999-01-01T00:00:00Z");
  await judge.call(200, "GET", "/v1/payment_links?promised=true&refresh_requested=true");
  for (const query of ["overdue=late", "promised=2", "due_after=tomorrow", "refresh_requested=maybe", "limit=0", "limit=101", "limit=many", "status=lost", "channel=pigeon", "cursor=nonsense", "created_after=yesterday", "amount_min=0", `q=${"x".repeat(501)}`]) {
    await judge.call(422, "GET", `/v1/payment_links?${query}`);
  }
  for (const query of ["limit=1&limit=2", "colour=red"]) await judge.call(400, "GET", `/v1/payment_links?${query}`);
  const { id } = found.data[0];
  await judge.call(200, "GET", `/v1/payment_links/${id}`);
  await judge.call(200, "GET", `/v1/payment_links/${id}?include=token,timeline`);
  await judge.call(422, "GET", `/v1/payment_links/${id}?include=everything`);
  await judge.call(200, "GET", `/v1/payment_links/${id}/timeline`);
  await judge.call(200, "GET", `/v1/payment_links/${id}/qr.svg`);
  await judge.call(200, "GET", `/v1/payment_links/${id}/qr.png`);
  for (const part of ["", "/timeline", "/qr.svg", "/qr.png"]) {
    await judge.call(404, "GET", `/v1/payment_links/${nothing.plink}${part}`);
    await judge.call(404, "GET", `/v1/payment_links/nonsense${part}`);
  }
}

export async function linksChange({ judge }) {
  const { id } = await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, expires_in: 3600 } });
  const at = `/v1/payment_links/${id}`;
  await judge.call(200, "POST", `${at}/send`, { body: { channels: ["sms", "email"], to: { sms: "+919812345601" } } });
  for (const body of [{}, { channels: [] }, { channels: ["pigeon"] }, { channels: ["sms"], to: { email: "a@example.com" } }, { channels: ["sms"], to: { sms: "" } }, { channels: ["sms"], to: { pigeon: "x" } }]) {
    await judge.call(422, "POST", `${at}/send`, { body });
  }
  await judge.call(200, "POST", `${at}/extend`, { body: { expires_in: 7200 } });
  for (const body of [{}, { expires_in: 0 }, { expires_in: 60 }, { expires_in: 31_536_001 }, { expires_in: "60" }]) await judge.call(422, "POST", `${at}/extend`, { body });
  await judge.call(409, "POST", `${at}/refresh`, { body: { expires_in: 60 } });
  await judge.call(409, "POST", `${at}/reactivate`);
  await judge.call(200, "POST", `${at}/cancel`);
  await judge.call(409, "POST", `${at}/cancel`);
  await judge.call(409, "POST", `${at}/extend`, { body: { expires_in: 7200 } });
  await judge.call(409, "POST", `${at}/send`, { body: { channels: ["sms"] } });
  await judge.call(200, "POST", `${at}/reactivate`, { headers: { "idempotency-key": "walk-back" } });
  await judge.call(200, "POST", `${at}/reactivate`, { headers: { "idempotency-key": "walk-back" } });
  for (const verb of ["cancel", "reactivate", "refresh"]) await judge.call(404, "POST", `/v1/payment_links/${nothing.plink}/${verb}`);
  await judge.call(404, "POST", `/v1/payment_links/${nothing.plink}/extend`, { body: { expires_in: 60 } });
  await judge.call(404, "POST", `/v1/payment_links/${nothing.plink}/send`, { body: { channels: ["sms"] } });
}

export async function theClockMoves({ judge }) {
  const { id } = await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, expires_in: 60 } });
  await judge.call(200, "GET", "/sandbox/clock");
  await judge.call(200, "POST", "/sandbox/clock", { body: { advance: "2h" } });
  for (const body of [{}, { advance: "" }, { advance: "soon" }, { advance: "-1h" }, { advance: "9000h" }, { advance: 5 }]) await judge.call(422, "POST", "/sandbox/clock", { body });
  await judge.call(401, "GET", "/sandbox/clock", { key: "sk_test_wrong" });
  await until(() => judge.call(200, "GET", `/v1/payment_links/${id}`), (link) => link.status === "expired");
  await judge.call(200, "POST", `/v1/payment_links/${id}/refresh`, { body: { expires_in: 600 } });
}

export async function moneyMoves({ demo, judge }) {
  for (const outcome of ["success", "decline"]) {
    const link = await judge.call(201, "POST", "/v1/payment_links", { body: order });
    const paid = await fetch(`${demo.url}/sandbox/pay`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${demo.api_key}` },
      body: JSON.stringify({ url: link.url, method: outcome === "success" ? "upi" : "card", outcome }),
    });
    if (!paid.ok) judge.wrong.push(`the sandbox does not pay: ${paid.status} ${await paid.text()}`);
    await until(() => judge.call(200, "GET", `/v1/payment_links/${link.id}`), (l) => l.status !== "pending");
  }
  const payments = await judge.call(200, "GET", "/v1/payments?limit=1");
  await judge.call(200, "GET", `/v1/payments?limit=1&cursor=${encodeURIComponent(payments.next_cursor)}`);
  await judge.call(200, "GET", "/v1/payments?status=captured");
  await judge.call(422, "GET", "/v1/payments?status=rich");
  await judge.call(200, "GET", `/v1/payments/${payments.data[0].id}`);
  await judge.call(404, "GET", `/v1/payments/${nothing.pay}`);
  await judge.call(200, "GET", "/v1/gateway_notices");
  await judge.call(422, "GET", "/v1/gateway_notices?limit=0");
  await judge.call(200, "GET", "/v1/balance");
  const accounts = await judge.call(200, "GET", "/v1/ledger/accounts?limit=1");
  await judge.call(200, "GET", `/v1/ledger/accounts?limit=1&cursor=${encodeURIComponent(accounts.next_cursor)}`);
  const entries = await judge.call(200, "GET", `/v1/ledger/entries?account=receipts&payment=${payments.data[0].id}`);
  await judge.call(200, "GET", "/v1/ledger/entries?account_id=outside&currency=INR&created_after=2026-01-01T00:00:00Z");
  await judge.call(422, "GET", "/v1/ledger/entries?account=petty_cash");
  const entry = entries.data[0] ?? (await judge.call(200, "GET", "/v1/ledger/entries?account=receipts")).data[0];
  await judge.call(200, "GET", `/v1/ledger/entries/${entry.id}`);
  await judge.call(404, "GET", "/v1/ledger/entries/entry_00000000000000000000000000");
  await judge.call(200, "GET", "/v1/ledger/trial_balance");
  await judge.call(200, "GET", "/v1/ledger/trial_balance?at=2026-01-01T00:00:00Z");
  await judge.call(200, "GET", "/v1/ledger/trial_balance.csv");
  await judge.call(200, "GET", `/v1/ledger/statement?account=receipts&currency=INR&account_id=${entry.account_id}&limit=1`);
  await judge.call(200, "GET", `/v1/ledger/statement.csv?account=receipts&currency=INR&account_id=${entry.account_id}`);
  for (const path of ["statement", "statement.csv"]) await judge.call(422, "GET", `/v1/ledger/${path}`);
  await judge.call(404, "GET", "/v1/ledger/statement?account=write_off");
  const link = await judge.call(201, "POST", "/v1/payment_links", { body: order });
  const verdict = await judge.call(200, "POST", "/v1/tokens/verify", { body: { token: link.token } });
  if (!verdict.genuine || !verdict.current) judge.wrong.push("our own token is not genuine");
  await judge.call(200, "POST", "/v1/tokens/verify", { body: { token: "of somebody else" } });
  for (const body of [{}, { token: "" }, { token: 5 }, { token: "x".repeat(513) }]) await judge.call(422, "POST", "/v1/tokens/verify", { body });
}

export async function webhooksAreTold({ judge, hooks }) {
  const { id } = await judge.call(201, "POST", "/v1/webhook_endpoints", { body: { url: hooks, events: ["*"], description: "the walk" } });
  const at = `/v1/webhook_endpoints/${id}`;
  for (const body of [
    {}, { url: "", events: ["*"] }, { url: "shop", events: ["*"] }, { url: "ftp://shop.example/", events: ["*"] }, { url: hooks, events: [] }, { url: hooks, events: ["*", "*"] },
    { url: hooks, events: ["money.rains"] }, { url: hooks, events: ["*"], description: "x".repeat(501) },
  ]) {
    await judge.call(422, "POST", "/v1/webhook_endpoints", { body });
  }
  await judge.call(200, "GET", "/v1/webhook_endpoints?limit=1");
  await judge.call(422, "GET", "/v1/webhook_endpoints?limit=0");
  await judge.call(200, "GET", at);
  await judge.call(200, "POST", `${at}/rotate_secret`);
  await judge.call(202, "POST", `${at}/test`);
  await judge.call(202, "POST", `${at}/replay`, { body: { since: new Date(Date.now() - 60_000).toISOString(), only_failed: true } });
  for (const body of [{}, { since: "then" }, { since: "1999-01-01T00:00:00Z" }, { since: "2999-01-01T00:00:00Z" }]) await judge.call(422, "POST", `${at}/replay`, { body });
  await judge.call(201, "POST", "/v1/payment_links", { body: order });
  const log = await until(() => judge.call(200, "GET", `/v1/webhook_deliveries?endpoint=${id}&status=delivered`), (l) => l.data.length > 0);
  const delivery = log.data[0].id;
  await judge.call(200, "GET", `/v1/webhook_deliveries/${delivery}`);
  await judge.call(202, "POST", `/v1/webhook_deliveries/${delivery}/resend`);
  await judge.call(422, "GET", "/v1/webhook_deliveries?status=lost");
  await judge.call(404, "GET", `/v1/webhook_deliveries/${nothing.whd}`);
  await judge.call(404, "POST", `/v1/webhook_deliveries/${nothing.whd}/resend`);
  await judge.call(404, "GET", `/v1/webhook_endpoints/${nothing.we}`);
  for (const verb of ["rotate_secret", "test"]) await judge.call(404, "POST", `/v1/webhook_endpoints/${nothing.we}/${verb}`);
  await judge.call(404, "POST", `/v1/webhook_endpoints/${nothing.we}/replay`, { body: { since: new Date(Date.now() - 60_000).toISOString() } });
  await judge.call(204, "DELETE", at);
  await judge.call(404, "DELETE", at);
  await judge.call(409, "POST", `/v1/webhook_deliveries/${delivery}/resend`);
}

export async function eventsAreRead({ demo, judge }) {
  await judge.call(200, "GET", "/v1/events?limit=100");
  const first = await judge.call(200, "GET", "/v1/events?limit=1");
  await judge.call(200, "GET", `/v1/events?limit=1&cursor=${encodeURIComponent(first.next_cursor)}`);
  await judge.call(422, "GET", "/v1/events?cursor=nonsense");
  await judge.call(400, "GET", "/v1/events/stream", { headers: { "last-event-id": "yesterday" } });
  // The stream itself, read directly: the first event is the one that the list has at this place.
  const answer = await fetch(`${demo.url}/v1/events/stream`, {
    headers: { authorization: `Bearer ${demo.api_key}`, "last-event-id": "0" },
    signal: AbortSignal.timeout(15_000),
  });
  const text = new TextDecoder();
  let said = "";
  for await (const part of answer.body) {
    said += text.decode(part, { stream: true });
    if (/\ndata: .*\n\n/.test(said)) break;
  }
  if (answer.headers.get("content-type") !== "text/event-stream" || !/^id: 1$/m.test(said)) judge.wrong.push(`the stream says ${said.slice(0, 200)}`);
}
