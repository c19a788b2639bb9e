// The chapter of plans and promises: instalments with dates, made anew, and the day on which somebody will pay.

const nowhere = "/v1/payment_links/plink_00000000000000000000000000";
const days = (n) => new Date(Date.now() + n * 86400e3);
const part = (amount, n) => ({ amount, due_at: days(n).toISOString() });
const order = { amount: 245000, currency: "INR", description: "Order 1042" };

export async function plansAndPromises({ judge }) {
  const plan = { instalments: [part(100000, 10), part(145000, 40)], grace_days: 3 };
  const { id } = await judge.call(201, "POST", "/v1/payment_links", { body: { ...order, plan, promises: { max_days: 20, extend: true } } });
  const at = `/v1/payment_links/${id}`;
  await judge.call(200, "GET", at);
  for (const wrong of [{ instalments: [] }, { instalments: [part(1, 1), part(2, 2)] }, { instalments: [part(245000, -1)] }, { ...plan, grace_days: 31 }, { instalments: "twice" }]) {
    await judge.call(422, "POST", "/v1/payment_links", { body: { ...order, plan: wrong } });
    await judge.call(422, "POST", `${at}/replan`, { body: wrong });
  }
  await judge.call(422, "POST", "/v1/payment_links", { body: { ...order, plan, partial: {} } });
  await judge.call(400, "POST", "/v1/payment_links", { body: { ...order, plan: { ...plan, after: 1 } } });
  await judge.call(200, "POST", `${at}/record_payment`, { body: { method: "cash", amount: 100000 } });
  await judge.call(200, "POST", `${at}/replan`, { body: { instalments: [part(145000, 60)] } });
  await judge.call(404, "POST", `${nowhere}/replan`, { body: { instalments: [part(1, 1)] } });

  await judge.call(409, "POST", `${at}/withdraw_promise`);
  for (const body of [{}, { date: "soon" }, { date: "2020-01-01" }, { date: days(9).toISOString().slice(0, 10), amount: 0 }]) await judge.call(422, "POST", `${at}/promise`, { body });
  await judge.call(200, "POST", `${at}/promise`, { body: { date: days(9).toISOString().slice(0, 10), note: "after payday" } });
  await judge.call(200, "POST", `${at}/withdraw_promise`);
  await judge.call(404, "POST", `${nowhere}/promise`, { body: { date: "2026-12-11" } });
  await judge.call(404, "POST", `${nowhere}/withdraw_promise`);
  await judge.call(200, "POST", `${at}/cancel`);
  await judge.call(409, "POST", `${at}/replan`, { body: { instalments: [part(145000, 60)] } });
  await judge.call(409, "POST", `${at}/promise`, { body: { date: days(9).toISOString().slice(0, 10) } });
}
