// The chapter of what a page asks and hands over: questions, the way back, files.

const order = { amount: 245000, currency: "INR", description: "Order 1042", expires_in: 3600 };
const name = { key: "name", label: "Name on the badge", type: "text", required: true, maximum_length: 40 };
const size = { key: "size", label: "Size", type: "choice", choices: ["S", "M"] };

export async function pagesAsk({ demo, judge }) {
  const link = await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, questions: [name, size, { key: "guests", label: "Guests", type: "number" }] } });
  for (const questions of [
    [name, name], [name, size, { ...name, key: "a" }, { ...name, key: "b" }], [{ ...name, key: "" }], [{ ...name, key: "A" }], [{ ...name, label: "" }], [{ ...name, type: "date" }],
    [{ ...size, choices: ["S"] }], [{ ...size, choices: ["S", "S"] }], [{ ...size, choices: ["S", ""] }], [{ ...name, choices: ["S", "M"] }], [{ ...name, maximum_length: 501 }], ["name"], "name",
  ]) {
    await judge.call(422, "POST", "/v1/payment_links", { body: { ...order, questions } });
  }
  await judge.call(400, "POST", "/v1/payment_links", { body: { ...order, questions: [{ ...name, colour: "red" }] } });
  const paid = await fetch(`${demo.url}/sandbox/pay`, {
    method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${demo.api_key}` },
    body: JSON.stringify({ url: link.url, method: "upi", outcome: "success", answers: { name: "Asha", size: "M", guests: "2" } }),
  });
  if (!paid.ok) judge.wrong.push(`the sandbox does not pay a link that asks: ${paid.status} ${await paid.text()}`);
  const { payments } = await judge.call(200, "GET", `/v1/payment_links/${link.id}`);
  await judge.call(200, "GET", `/v1/payments/${payments[0].id}`);
  const told = payments[0].answers.map((a) => a.value).join();
  if (told !== "Asha,M,2") judge.wrong.push(`the answers are ${told}`);
}

export async function customersGoBack({ judge }) {
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { return_origins: ["https://shop.example"] } } });
  for (const origins of [["http://shop.example"], ["https://shop.example/x"], ["https://a.example", "https://a.example"], "https://shop.example", Array.from({ length: 21 }, (_, i) => `https://s${i}.example`)]) {
    await judge.call(422, "PATCH", "/v1/merchant", { body: { settings: { return_origins: origins } } });
  }
  await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, return_url: "https://shop.example/thanks" } });
  for (const url of ["https://evil.example/", "https://shop.example/?paylink_status=paid"]) await judge.call(422, "POST", "/v1/payment_links", { body: { ...order, return_url: url } });
  const first = await judge.call(200, "POST", "/v1/merchant/rotate_return_secret", { headers: { "idempotency-key": "walk-secret" } });
  const again = await judge.call(200, "POST", "/v1/merchant/rotate_return_secret", { headers: { "idempotency-key": "walk-secret" } });
  if (first.secret !== again.secret) judge.wrong.push("a repeated rotation made another secret");
  await judge.call(401, "POST", "/v1/merchant/rotate_return_secret", { key: "sk_test_wrong" });
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { return_origins: null } } });
}

export async function filesAreHandedOver({ judge }) {
  const file = (text) => ({ raw: text, headers: { "content-type": "application/pdf" } });
  const kept = await judge.call(201, "POST", "/v1/attachments?name=walk.pdf", file("%PDF-1.7 walk %%EOF"));
  await judge.call(200, "POST", "/v1/attachments?name=walk.pdf", file("%PDF-1.7 walk %%EOF"));
  await judge.call(422, "POST", "/v1/attachments?name=walk.pdf", file("no PDF"));
  const keyed = (text) => ({ raw: text, headers: { "content-type": "application/pdf", "idempotency-key": "walk-file" } });
  const once = await judge.call(201, "POST", "/v1/attachments?name=once.pdf", keyed("%PDF-1.7 once %%EOF"));
  const again = await judge.call(201, "POST", "/v1/attachments?name=once.pdf", keyed("%PDF-1.7 once %%EOF"));
  if (again.id !== once.id) judge.wrong.push("a file that is sent again is another one");
  await judge.call(422, "POST", "/v1/attachments?name=once.pdf", keyed("%PDF-1.7 other %%EOF"));
  await judge.call(200, "GET", "/v1/attachments?limit=1");
  await judge.call(422, "GET", "/v1/attachments?limit=0");
  await judge.call(200, "GET", `/v1/attachments/${kept.id}`);
  await judge.call(404, "GET", "/v1/attachments/att_00000000000000000000000000");
  await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, attachments: [kept.id] } });
  for (const attachments of [["att_00000000000000000000000000"], [kept.id, kept.id], ["nonsense"], kept.id]) await judge.call(422, "POST", "/v1/payment_links", { body: { ...order, attachments } });
  await judge.call(409, "DELETE", `/v1/attachments/${kept.id}`);
  const unused = await judge.call(201, "POST", "/v1/attachments?name=unused.pdf", file("%PDF-1.7 walk %%EOF"));
  await judge.call(204, "DELETE", `/v1/attachments/${unused.id}`);
  await judge.call(404, "DELETE", `/v1/attachments/${unused.id}`);
}
