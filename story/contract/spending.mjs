// The chapter of what bounds messages: what they may cost, to where, by whom, when and how often, and what is registered.

const dlt = {
  entity_id: "1101234560000012345", headers: ["ACMEIN"], domains: ["acme.in"],
  templates: [{ template_id: "1107160000000012345", header: "ACMEIN", category: "service_explicit", text: "{#var#}: pay {#numeric#}. {#url#}", variable_types: ["text"] }],
};
const good = {
  message_budget: { day: 50000, month: 900000, link: 200 }, message_prices: { sms: 1450, whatsapp: 8000, email: 0 }, sms_countries: ["LK", "US"], sms_range_limit: 30,
  message_routing: { sms: "cheapest", email: "healthiest", whatsapp: "rank" }, on_unknown_send: "resend", contact_hours: { from: "08:00", to: "20:00" },
  contact_caps: { per_day: 1, per_week: 3 }, dlt,
};
const bad = [
  { message_budget: { day: -1 } }, { message_budget: { link: 1e12 + 1 } }, { message_budget: { month: "much" } }, { message_prices: { sms: -1 } },
  { sms_countries: ["India"] }, { sms_countries: ["US", "US"] }, { sms_range_limit: -1 }, { sms_range_limit: 10_001 }, { message_routing: { sms: "nearest" } },
  { on_unknown_send: "guess" }, { contact_hours: { from: "8", to: "20:00" } }, { contact_hours: { from: "08:00" } }, { contact_caps: { per_day: 101 } }, { contact_caps: { per_week: -1 } },
  { dlt: {} }, { dlt: { ...dlt, entity_id: "ACME" } }, { dlt: { ...dlt, headers: [] } }, { dlt: { ...dlt, domains: ["https://acme.in"] } },
  { dlt: { ...dlt, templates: [{ ...dlt.templates[0], header: "OTHER" }] } }, { dlt: { ...dlt, templates: [{ ...dlt.templates[0], variable_types: ["colour"] }] } },
];

export async function messagesAreBounded({ judge }) {
  const set = (status, settings) => judge.call(status, "PATCH", "/v1/merchant", { body: { settings } });
  const made = await set(200, good);
  for (const name of Object.keys(good)) {
    if (JSON.stringify(made.settings[name]) === undefined) judge.wrong.push(`the setting ${name} is not answered`);
  }
  for (const settings of bad) await set(422, settings);
  await judge.call(400, "PATCH", "/v1/merchant", { body: { settings: { message_budget: { hour: 5 } } } });
  await judge.call(200, "GET", "/v1/merchant");
  await set(200, Object.fromEntries(Object.keys(good).map((name) => [name, null])));
  const there = await judge.call(201, "POST", "/v1/suppressions", { body: { channel: "email", address: "asked@example.com" } });
  await judge.call(422, "DELETE", `/v1/suppressions/${there.id}?reason=whim`);
  await judge.call(204, "DELETE", `/v1/suppressions/${there.id}?reason=asked`);
}
