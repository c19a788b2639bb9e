// The chapter of reminders and due dates: planned, changed, sent by hand, and refused.

const order = { amount: 245000, currency: "INR", expires_in: 432000, customer: { phone: "+919812345601" }, channels: ["sms"] };
const links = "/v1/payment_links";

export async function customersAreReminded({ judge }) {
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { quiet_hours: { from: "22:00", to: "08:30" }, notify_expiry: true } } });
  await judge.call(422, "PATCH", "/v1/merchant", { body: { settings: { quiet_hours: { from: "late", to: "08:30" } } } });
  await judge.call(201, "POST", links, { body: order });
  await judge.call(200, "PATCH", "/v1/merchant", { body: { settings: { quiet_hours: null, notify_expiry: null } } });
  const reminders = [{ after: "2h" }, { before_expiry: "1d", channels: ["sms"] }, { after_due: "3d" }];
  const due_at = new Date(Date.now() + 36e5).toISOString();
  const { id } = await judge.call(201, "POST", links, { body: { ...order, due_at, reminders, notify_expiry: true } });
  const at = `${links}/${id}`;
  await judge.call(200, "GET", at);
  await judge.call(200, "GET", `${links}?limit=3`);
  await judge.call(200, "PATCH", at, { body: { reminders: [{ after: "3h" }], due_at: null } });
  await judge.call(200, "PATCH", at, { body: { reminders: [] } });
  for (const bad of [[{}], [{ after: "soon" }], [{ after: "2h", after_due: "2h" }], [{ after_due: "2h" }], Array(11).fill({ after: "2h" })]) {
    await judge.call(422, "PATCH", at, { body: { reminders: bad } });
    await judge.call(422, "POST", links, { body: { ...order, reminders: bad } });
  }
  await judge.call(422, "POST", links, { body: { ...order, due_at: "9999-01-01T00:00:00Z" } });
  await judge.call(422, "POST", links, { body: { ...order, expires_in: null, notify_expiry: true } });
  await judge.call(200, "POST", `${at}/send`, { body: { channels: ["sms"], purpose: "reminder" } });
  await judge.call(409, "POST", `${at}/send`, { body: { channels: ["sms"], purpose: "reminder" } });
  await judge.call(422, "POST", `${at}/send`, { body: { channels: ["sms"], purpose: "fun" } });
}
