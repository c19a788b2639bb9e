// The chapter of a merchant's own app: tokens, inboxes and devices.

const nobody = "cust_00000000000000000000000000";
const device = { kind: "fcm", token: "fGx0cW9nUkRhc2g6QVBBOTFiRXhhbXBsZQ" };

export async function inboxesAreOpened({ judge }) {
  const made = await judge.call(201, "POST", "/v1/payment_links", { body: { amount: 245000, currency: "INR", customer: { phone: "+919812345642" }, channels: ["in_app"] } });
  const customer = `/v1/customers/${made.customer.id}`;
  await judge.call(201, "POST", `${customer}/inbox_token`);
  const { token } = await judge.call(201, "POST", `${customer}/inbox_token`, { body: { expires_in: 3600 } });
  for (const expires_in of [59, 2_592_001, "1h"]) await judge.call(422, "POST", `${customer}/inbox_token`, { body: { expires_in } });
  await judge.call(404, "POST", `/v1/customers/${nobody}/inbox_token`);
  const opens = { key: token };
  let page;
  for (const deadline = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    page = await judge.call(200, "GET", "/v1/inbox", opens);
    if (page.data.length || Date.now() > deadline) break;
  }
  await judge.call(200, "GET", "/v1/inbox?limit=1", opens);
  await judge.call(422, "GET", "/v1/inbox?limit=0", opens);
  await judge.call(403, "GET", "/v1/inbox");
  await judge.call(401, "GET", "/v1/inbox", { key: "itok_nonsense" });
  await judge.call(200, "POST", `/v1/inbox/items/${page.data[0].id}/read`, opens);
  await judge.call(404, "POST", "/v1/inbox/items/item_00000000000000000000000000/read", opens);
  await judge.call(400, "GET", "/v1/inbox/stream", { ...opens, headers: { "last-event-id": "nonsense" } });

  const { id } = await judge.call(201, "POST", `${customer}/devices`, { body: device });
  await judge.call(200, "POST", "/v1/inbox/devices", { ...opens, body: device });
  for (const body of [{}, { ...device, kind: "pigeon" }, { ...device, token: "short" }, { kind: "webpush", token: "{}" }]) {
    await judge.call(422, "POST", `${customer}/devices`, { body });
    await judge.call(422, "POST", "/v1/inbox/devices", { ...opens, body });
  }
  await judge.call(200, "GET", `${customer}/devices`);
  await judge.call(404, "GET", `/v1/customers/${nobody}/devices`);
  await judge.call(200, "GET", "/v1/inbox/devices", opens);
  await judge.call(403, "GET", "/v1/inbox/devices");
  await judge.call(204, "DELETE", `${customer}/devices/${id}`);
  await judge.call(404, "DELETE", `${customer}/devices/${id}`);
  const own = await judge.call(201, "POST", "/v1/inbox/devices", { ...opens, body: device });
  await judge.call(204, "DELETE", `/v1/inbox/devices/${own.id}`, opens);
  await judge.call(404, "DELETE", `/v1/inbox/devices/${own.id}`, opens);
  await judge.call(204, "DELETE", `${customer}/inbox_token`);
  await judge.call(404, "DELETE", `/v1/customers/${nobody}/inbox_token`);
  await judge.call(401, "GET", "/v1/inbox", opens);
}
