// The chapter of delivery plans: steps that wait, that are not needed, and that cannot be meant.

const order = { amount: 245000, currency: "INR", customer: { phone: "+919812345601", email: "asha@example.com" } };
const links = "/v1/payment_links";
const steps = [{ channel: "whatsapp" }, { channel: "sms", after: "60s", unless: "delivered", providers: ["sandbox"] }, { channel: "email", after: "1h", unless: "opened" }];

export async function linksGoOutInSteps({ judge }) {
  const { id } = await judge.call(201, "POST", links, { body: { ...order, delivery: { steps, on_unknown: "next" } } });
  const at = `${links}/${id}`;
  await judge.call(200, "GET", at);
  await judge.call(200, "GET", `${links}?limit=3`);
  await judge.call(200, "POST", `${at}/send`, { body: { delivery: { steps, after_opening: true }, to: { sms: "+919812345642" } } });
  await judge.call(200, "GET", `${at}/timeline`);
  await judge.call(200, "POST", `${at}/cancel`);
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { default_delivery: { steps } } } });
  await judge.call(201, "POST", links, { body: order });
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { default_delivery: null } } });
  const bad = [
    { steps: [] }, { steps: Array(9).fill({ channel: "sms", after: "1m" }) }, { steps: [{ channel: "pigeon" }] }, { steps: [{ channel: "sms", after: "8d" }] },
    { steps: [{ channel: "sms", after: "soon" }] }, { steps: [{ channel: "sms" }, { channel: "email", unless: "delivered" }] },
    { steps: [{ channel: "sms", providers: ["nobody"] }] }, { steps: [{ channel: "sms" }], on_unknown: "again" },
  ];
  for (const delivery of bad) {
    await judge.call(422, "POST", links, { body: { ...order, delivery } });
  }
  await judge.call(422, "POST", links, { body: { ...order, channels: ["sms"], delivery: { steps } } });
  await judge.call(422, "PATCH", "/v1/merchant", { body: { settings: { default_delivery: { steps: [] } } } });
}
