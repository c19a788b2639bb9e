// The chapter of a merchant's own wording: seeing how it reads, saving versions, putting one into use and out of it.

const text = { channel: "sms", kind: "reminder", language: "en", text: "{merchant} reminds you of {amount}. Pay: {url}" };
const nowhere = "/v1/message_templates/mtmpl_00000000000000000000000000";

export async function messagesAreWorded({ judge }) {
  await judge.call(200, "POST", "/v1/message_templates/preview", { body: text });
  await judge.call(200, "POST", "/v1/message_templates/preview", { body: { ...text, channel: "email", subject: "{merchant}", text: "नमस्ते {customer}: {amount}, {url}" } });
  await judge.call(422, "POST", "/v1/message_templates/preview", { body: { ...text, link_id: "plink_00000000000000000000000000" } });
  for (const body of [{}, { ...text, channel: "pigeon" }, { ...text, text: "x".repeat(4001) }]) {
    await judge.call(422, "POST", "/v1/message_templates/preview", { body });
  }
  const made = await judge.call(201, "POST", "/v1/message_templates", { body: text });
  await judge.call(201, "POST", "/v1/message_templates", { body: { ...text, registered_as: { msg91_flow: "reminder", variables: ["amount", "url"] } } });
  for (const body of [{}, { ...text, text: "Hurry! {amount}: {url}" }, { ...text, text: "{amount}" }, { ...text, text: "{url} {url}" }, { ...text, language: "xx" }]) {
    await judge.call(422, "POST", "/v1/message_templates", { body });
  }
  await judge.call(400, "POST", "/v1/message_templates", { body: { ...text, colour: "red" } });
  await judge.call(200, "GET", "/v1/message_templates");
  await judge.call(422, "GET", "/v1/message_templates?limit=0");
  const at = `/v1/message_templates/${made.id}`;
  await judge.call(200, "GET", at);
  await judge.call(404, "GET", nowhere);
  await judge.call(200, "PATCH", at, { body: { state: "active" } });
  await judge.call(422, "PATCH", at, { body: { state: "draft" } });
  await judge.call(404, "PATCH", nowhere, { body: { state: "active" } });
  await judge.call(200, "PATCH", at, { body: { state: "retired" } });
}
