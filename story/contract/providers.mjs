// The chapter of a merchant's own accounts with providers: what there is, connecting, trying, changing, ending.

const nowhere = "/v1/accounts/acct_00000000000000000000000000";
const account = {
  provider: "twilio", name: "Walk", base_url: "http://127.0.0.1:9",
  fields: { account_sid: "AC00000000000000000000000000000000", secret: "walk", from: "+15005550006" },
};

export async function providersAreConnected({ judge }) {
  await judge.call(200, "GET", "/v1/providers");
  await judge.call(200, "GET", "/v1/providers?limit=1");
  await judge.call(422, "GET", "/v1/providers?limit=0");
  const made = await judge.call(201, "POST", "/v1/accounts", { body: account });
  const at = `/v1/accounts/${made.id}`;
  await judge.call(409, "POST", "/v1/accounts", { body: account });
  for (const body of [{}, { provider: "pigeon" }, { ...account, fields: { account_sid: "AC1" } }, { ...account, rank: 1001 }, { ...account, base_url: "http://10.0.0.1/" }]) {
    await judge.call(422, "POST", "/v1/accounts", { body });
  }
  await judge.call(400, "POST", "/v1/accounts", { body: { ...account, secret: "walk" } });
  const { data } = await judge.call(200, "GET", "/v1/accounts");
  await judge.call(422, "GET", "/v1/accounts?limit=101");
  await judge.call(200, "GET", at);
  await judge.call(404, "GET", nowhere);
  await judge.call(200, "POST", `${at}/test`);
  await judge.call(404, "POST", `${nowhere}/test`);
  await judge.call(200, "PATCH", at, { body: { rank: 3, channel: "sms", switched_off: true } });
  await judge.call(200, "PATCH", at, { body: { channel: null, base_url: null, fields: { secret: "again" } } });
  await judge.call(422, "PATCH", at, { body: { base_url: "http://127.0.0.1:10" } });
  await judge.call(412, "PATCH", at, { body: { rank: 4 }, headers: { "If-Match": '"0123456789abcdef"' } });
  await judge.call(403, "PATCH", `/v1/accounts/${data.find((a) => a.sandbox).id}`, { body: { rank: 4 } });
  await judge.call(204, "DELETE", at);
  await judge.call(404, "DELETE", at);
}
