// The chapter of a link's life: amended, paused, copied, replaced, paid outside, put away.

const order = { amount: 245000, currency: "INR", description: "Order 1042", expires_in: 3600 };
const nowhere = "/v1/payment_links/plink_00000000000000000000000000";

export async function linksLive({ judge }) {
  const { id, revision } = await judge.call(201, "POST", "/v1/payment_links", { body: order });
  const at = `/v1/payment_links/${id}`;
  await judge.call(200, "PATCH", at, { body: { amount: 199000, description: "less", metadata: { k: "v" } }, headers: { "if-match": `"${revision}"` } });
  await judge.call(412, "PATCH", at, { body: { amount: 1000 }, headers: { "if-match": `"${revision}"` } });
  await judge.call(400, "PATCH", at, { body: { amount: 1000 }, headers: { "if-match": "nonsense" } });
  for (const body of [{ amount: 0 }, { amount: "5" }, { description: "x".repeat(501) }, { expires_in: 0 }, { expires_at: "then" }]) await judge.call(422, "PATCH", at, { body });
  await judge.call(200, "PATCH", at, { body: { return_url: "https://shop.example/thanks", allow_discount_codes: ["WELCOME10"] } });
  await judge.call(200, "PATCH", at, { body: { return_url: "", allow_discount_codes: [] } });
  for (const body of [{ return_url: "shop" }, { allow_discount_codes: ["A"] }, { allow_discount_codes: "*" }]) await judge.call(422, "PATCH", at, { body });
  await judge.call(400, "PATCH", at, { body: { colour: "red" } });
  await judge.call(404, "PATCH", nowhere, { body: { amount: 5 } });
  await judge.call(200, "POST", `${at}/pause`);
  await judge.call(409, "POST", `${at}/pause`);
  await judge.call(200, "POST", `${at}/resume`);
  await judge.call(409, "POST", `${at}/resume`);
  await judge.call(201, "POST", `${at}/duplicate`, { body: { reference: "walk-copy" } });
  for (const body of [{ reference: "x".repeat(101) }, { channels: ["pigeon"] }, { expires_in: 0 }]) await judge.call(422, "POST", `${at}/duplicate`, { body });
  await judge.call(409, "POST", `${at}/archive`);
  for (const body of [{}, { method: "gold" }, { method: "cash", amount: 0 }, { method: "cash", taken_at: "then" }]) await judge.call(422, "POST", `${at}/record_payment`, { body });
  await judge.call(200, "POST", `${at}/record_payment`, { body: { method: "cheque", amount: 199000, bank_reference: "000123" } });
  await judge.call(409, "POST", `${at}/record_payment`, { body: { method: "cash" } });
  await judge.call(200, "POST", `${at}/archive`);
  for (const verb of ["pause", "resume", "archive", "duplicate"]) await judge.call(404, "POST", `${nowhere}/${verb}`);
  await judge.call(404, "POST", `${nowhere}/record_payment`, { body: { method: "cash" } });
}
