// The chapter of links that open only for whom they are meant.

const order = { amount: 245000, currency: "INR", description: "Order 1042", customer: { name: "Asha", phone: "+919812345642" }, expires_in: 3600 };
const nowhere = "/v1/payment_links/plink_00000000000000000000000000";

export async function linksRestricted({ judge }) {
  const make = (status, restrict, rest = order) => judge.call(status, "POST", "/v1/payment_links", { body: { ...rest, restrict } });
  for (const proof of ["phone_digits", "code"]) {
    await make(201, { proof });
    await make(422, { proof }, { amount: 5, currency: "INR" });
  }
  for (const wrong of [{}, { proof: "smile" }, { proof: "pin" }, { proof: "pin", pin: "123" }, { proof: "pin", pin: "123456789" }, { proof: "pin", pin: "12x4" },
    { proof: "pin", pin: "1111" }, { proof: "code", pin: "730412" }, { countries: ["IN"] }]) await make(422, wrong);
  await make(400, { proof: "pin", pin_set: true });
  const { id } = await make(201, { proof: "pin", pin: "730412" });
  const at = `/v1/payment_links/${id}`;
  await judge.call(200, "PATCH", at, { body: { restrict: { proof: "pin" } } });
  await judge.call(422, "PATCH", at, { body: { restrict: { proof: "pin", pin: "12" } } });
  await judge.call(200, "POST", `${at}/reset_proof`);
  await judge.call(200, "PATCH", at, { body: { restrict: null } });
  await judge.call(409, "POST", `${at}/reset_proof`);
  await judge.call(404, "POST", `${nowhere}/reset_proof`);
}
