// The chapter of what goes beyond one link: discount codes, templates, and a customer who asks for more time.

const order = { amount: 245000, currency: "INR", description: "Order 1042", expires_in: 3600 };

export async function codesAreGiven({ judge }) {
  const made = await judge.call(201, "POST", "/v1/discount_codes", { body: { code: "WALK10", percent: "10", currency: "INR", maximum_discount: 50000, max_uses: 5 } });
  await judge.call(409, "POST", "/v1/discount_codes", { body: { code: "walk10", percent: "5" } });
  for (const body of [{ code: "X", percent: "101" }, { code: "", percent: "5" }, { code: "BOTH", percent: "5", amount: 100, currency: "INR" }, { code: "NONE" }]) {
    await judge.call(422, "POST", "/v1/discount_codes", { body });
  }
  await judge.call(200, "GET", "/v1/discount_codes?limit=1");
  await judge.call(422, "GET", "/v1/discount_codes?limit=0");
  await judge.call(200, "GET", `/v1/discount_codes/${made.id}`);
  await judge.call(404, "GET", "/v1/discount_codes/disc_00000000000000000000000000");
  await judge.call(200, "PATCH", `/v1/discount_codes/${made.id}`, { body: { max_uses: 6 } });
  await judge.call(422, "PATCH", `/v1/discount_codes/${made.id}`, { body: { max_uses: 0 } });
  await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, allow_discount_codes: ["WALK10"] } });
}

export async function addressesAreSuppressed({ judge }) {
  const made = await judge.call(201, "POST", "/v1/suppressions", { body: { channel: "email", address: "walk@example.com" } });
  await judge.call(201, "POST", "/v1/suppressions", { body: { channel: "email", address: "WALK@example.com" } });
  for (const body of [{ channel: "pigeon", address: "walk@example.com" }, { channel: "email", address: "walk" }, { channel: "sms", address: "12" }, { channel: "email" }]) {
    await judge.call(422, "POST", "/v1/suppressions", { body });
  }
  await judge.call(200, "GET", "/v1/suppressions?limit=1");
  await judge.call(422, "GET", "/v1/suppressions?limit=0");
  await judge.call(200, "GET", `/v1/suppressions/${made.id}`);
  await judge.call(404, "GET", "/v1/suppressions/supp_00000000000000000000000000");
  await judge.call(204, "DELETE", `/v1/suppressions/${made.id}`);
  await judge.call(404, "DELETE", `/v1/suppressions/${made.id}`);
  await judge.call(201, "POST", "/v1/suppressions", { body: { channel: "sms", address: "+919812345699" } });
}

export async function templatesAreSaved({ judge }) {
  const made = await judge.call(201, "POST", "/v1/templates", { body: { name: "Walk", settings: { amount: 1000, currency: "INR", notes: "walk" } } });
  await judge.call(409, "POST", "/v1/templates", { body: { name: "Walk", settings: {} } });
  await judge.call(422, "POST", "/v1/templates", { body: { name: "Own", settings: { reference: "r" } } });
  await judge.call(200, "GET", "/v1/templates");
  await judge.call(401, "GET", "/v1/templates", { key: "sk_test_wrong" });
  await judge.call(200, "GET", `/v1/templates/${made.id}`);
  await judge.call(404, "GET", "/v1/templates/tmpl_00000000000000000000000000");
  await judge.call(201, "POST", "/v1/payment_links", { body: { template: "Walk" } });
  await judge.call(422, "POST", "/v1/payment_links", { body: { template: "Nobody's" } });
  await judge.call(200, "PATCH", `/v1/templates/${made.id}`, { body: { name: "Walked" } });
  await judge.call(404, "PATCH", "/v1/templates/tmpl_00000000000000000000000000", { body: { name: "x" } });
  const gone = await judge.call(201, "POST", "/v1/templates", { body: { name: "Gone", settings: {} } });
  await judge.call(204, "DELETE", `/v1/templates/${gone.id}`);
  await judge.call(404, "DELETE", `/v1/templates/${gone.id}`);
}

// The customer asks as a browser does: with the cookie and the one-time token of the page.
export async function moreTimeIsDeclined({ judge }) {
  const link = await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, refresh: { policy: "approval" } } });
  const page = await fetch(link.url);
  const cookie = page.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const form = (await page.text()).match(/action="([^"]*\/renew)"[\s\S]*?name="token" value="([^"]+)"/);
  if (!form) return judge.wrong.push("the page offers no more time");
  await fetch(new URL(form[1], link.url), { method: "POST", headers: { cookie, origin: new URL(link.url).origin }, body: new URLSearchParams({ token: form[2] }) });
  await judge.call(200, "POST", `/v1/payment_links/${link.id}/decline_refresh`);
  await judge.call(409, "POST", `/v1/payment_links/${link.id}/decline_refresh`);
}
