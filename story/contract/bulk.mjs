// The chapter of many links at once: a list, a file, and a file that is paced, paused and cancelled.

const nowhere = "/v1/bulk/bulk_00000000000000000000000000";
const csv = { "content-type": "text/csv" };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function manyAreMade(world) {
  const { judge } = world;
  const at = "/v1/payment_links/bulk";
  await judge.call(200, "POST", at, { body: [{ amount: 100, currency: "INR", reference: "bulk-1" }, { amount: 200, currency: "INR", reference: "bulk-1" }] }); // the second is refused in its result
  await judge.call(200, "POST", `${at}?dry_run=true`, { body: [{ amount: 100, currency: "INR" }] });
  await judge.call(422, "POST", at, { body: [] });
  await judge.call(400, "POST", at, { raw: "[", headers: { "content-type": "application/json" } });
  await judge.call(422, "POST", `${at}?template=nothing`, { raw: "amount,currency\n1,INR\n", headers: csv });
  await judge.call(415, "POST", at, { raw: "x", headers: { "content-type": "image/png" } });

  const file = "amount,currency,reference\n100,INR,bulk-2\n200,INR,bulk-3\nnothing,INR,bulk-4\n";
  const { id } = await judge.call(202, "POST", at, { raw: file, headers: csv });
  let upload;
  for (let tries = 0; tries < 100 && upload?.status !== "finished"; tries++) {
    upload = await judge.call(200, "GET", `/v1/bulk/${id}`);
    await pause(100);
  }
  if (upload.created !== 2 || upload.failed !== 1) judge.wrong.push(`the file came to ${upload.summary}`);
  world.upload = id;
  await judge.call(200, "POST", at, { raw: file, headers: csv }); // the same file once more
  await judge.call(200, "GET", `/v1/bulk/${id}/errors.csv`);
  await judge.call(200, "GET", `/v1/bulk/${id}/results.csv`);
  await judge.call(200, "GET", `/v1/bulk/${id}/stream`); // it ends with the upload, which has ended
  await judge.call(200, "GET", "/v1/bulk?limit=1");
  await judge.call(422, "GET", "/v1/bulk?limit=0");
  for (const verb of ["approve", "undo", "pause", "resume", "cancel", "retry"]) await judge.call(409, "POST", `/v1/bulk/${id}/${verb}`);
  const taken = await judge.call(202, "POST", at, { raw: "amount,currency,reference\n100,INR,bulk-2\n", headers: csv });
  for (let tries = 0; tries < 100 && (await judge.call(200, "GET", `/v1/bulk/${taken.id}`)).status !== "finished"; tries++) await pause(50);
  await judge.call(202, "POST", `/v1/bulk/${taken.id}/retry`);
  await judge.call(200, "POST", `/v1/bulk/${taken.id}/retry`);

  const rows = Array.from({ length: 30 }, (_, i) => `100,INR,paced-${i},+919812345642`);
  const paced = await judge.call(202, "POST", `${at}?rows_per_second=1&channels=sms`, { raw: `amount,currency,reference,customer.phone\n${rows.join("\n")}\n`, headers: csv });
  const own = `/v1/bulk/${paced.id}`;
  for (let tries = 0; tries < 100 && (await judge.call(200, "GET", own)).status !== "creating"; tries++) await pause(50);
  await judge.call(200, "POST", `${own}/pause`);
  await judge.call(200, "POST", `${own}/resume`);
  await judge.call(200, "POST", `${own}/cancel`);

  const later = await judge.call(202, "POST", `${at}?undo_seconds=600&send_after=${new Date(Date.now() + 86_400_000).toISOString()}`, { raw: "amount,reference\n100,undone-1\n", headers: csv });
  for (let tries = 0; tries < 100 && (await judge.call(200, "GET", `/v1/bulk/${later.id}`)).status !== "scheduled"; tries++) await pause(50);
  await judge.call(200, "POST", `/v1/bulk/${later.id}/undo`);

  for (const path of ["", "/errors.csv", "/results.csv", "/stream"]) await judge.call(404, "GET", nowhere + path);
  for (const verb of ["approve", "undo", "pause", "resume", "cancel", "retry"]) await judge.call(404, "POST", `${nowhere}/${verb}`);
}
