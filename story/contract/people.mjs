// The chapter of customers: added, found, changed, what they allowed, made one, exported and forgotten.

const nobody = "/v1/customers/cust_00000000000000000000000000";
const long = (n) => "x".repeat(n);

export async function customersAreKept({ judge }) {
  const asha = { name: "Asha", phone: "+919812345677", email: "asha.walk@example.com", locale: "hi", tax_id: "27AAPFU0939F1ZV", notes: "two\nlines", metadata: { crm: "7" } };
  const { id, revision } = await judge.call(201, "POST", "/v1/customers", { body: asha });
  const at = `/v1/customers/${id}`;
  await judge.call(409, "POST", "/v1/customers", { body: { phone: "+91 98123 45677", email: "ASHA.walk@example.com" } });
  for (const body of [{}, { locale: "hi" }, { phone: "12" }, { email: "nobody" }, { name: long(101) }, { name: "a", tax_id: long(33) }, { name: "a", notes: long(2001) }, { name: "a", metadata: { k: 5 } }, { name: 5 }]) {
    await judge.call(422, "POST", "/v1/customers", { body });
  }
  await judge.call(400, "POST", "/v1/customers", { body: { ...asha, colour: "red" } });
  for (const q of ["", "?q=asha", "?phone=9812345677", "?email=asha.walk@example.com", "?limit=1", "?q=nobody"]) await judge.call(200, "GET", `/v1/customers${q}`);
  await judge.call(422, "GET", "/v1/customers?limit=0");
  await judge.call(200, "GET", at);
  await judge.call(404, "GET", nobody);

  await judge.call(200, "PATCH", at, { body: { name: "Asha Rao", metadata: {} }, headers: { "if-match": `"${revision}"` } });
  await judge.call(412, "PATCH", at, { body: { name: "X" }, headers: { "if-match": `"${revision}"` } });
  await judge.call(400, "PATCH", at, { body: { name: "X" }, headers: { "if-match": "nonsense" } });
  for (const body of [{ phone: "12" }, { email: "a@b@c" }, { locale: "nonsense!" }, { name: long(101) }]) await judge.call(422, "PATCH", at, { body });
  await judge.call(404, "PATCH", nobody, { body: { name: "X" } });

  const said = { channel: "whatsapp", purpose: "transactional", state: "granted", source: "checkout box" };
  await judge.call(201, "POST", `${at}/consents`, { body: said });
  await judge.call(201, "POST", `${at}/consents`, { body: { ...said, purpose: "all", state: "withdrawn", source: "a call" } });
  for (const body of [{}, { ...said, channel: "pigeon" }, { ...said, purpose: "reminder" }, { ...said, purpose: "all" }, { ...said, state: "maybe" }, { ...said, source: "" }, { ...said, source: long(201) }]) {
    await judge.call(422, "POST", `${at}/consents`, { body });
  }
  await judge.call(404, "POST", `${nobody}/consents`, { body: said });
  await judge.call(200, "GET", `${at}/consents?limit=1`);
  await judge.call(404, "GET", `${nobody}/consents`);

  const other = await judge.call(201, "POST", "/v1/customers", { body: { name: "Asha R", phone: "+919812345678" } });
  await judge.call(200, "POST", `${at}/merge`, { body: { from: other.id } });
  await judge.call(200, "GET", `/v1/customers/${other.id}`);
  for (const body of [{}, { from: "Asha" }]) await judge.call(422, "POST", `${at}/merge`, { body });
  await judge.call(404, "POST", `${at}/merge`, { body: { from: "cust_00000000000000000000000000" } });

  const link = await judge.call(201, "POST", "/v1/payment_links", { body: { amount: 245000, currency: "INR", customer: { id }, channels: ["sms"] } });
  await judge.call(200, "GET", `${at}/export`);
  await judge.call(404, "GET", `${nobody}/export`);
  await judge.call(409, "POST", `${at}/erase`);
  await judge.call(422, "POST", `${at}/erase`, { body: { cancel_links: "yes" } });
  await judge.call(200, "POST", `${at}/erase`, { body: { cancel_links: true } });
  await judge.call(200, "POST", `${at}/erase`);
  await judge.call(404, "POST", `${nobody}/erase`);
  await judge.call(409, "PATCH", at, { body: { name: "Asha" } });
  await judge.call(409, "POST", `${at}/consents`, { body: said });
  await judge.call(409, "POST", `${at}/merge`, { body: { from: other.id } });
  await judge.call(200, "GET", `/v1/payment_links/${link.id}`);
}
