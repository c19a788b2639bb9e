// What a merchant decides about messages: when and at what price they go out, what is registered in India, who gets none, and
// a link that goes out again in steps.
import assert from "node:assert/strict";
import { api, newLink } from "./demo.mjs";

const settings = (walk, page) => `${walk.demo.url}/dashboard/test/settings/${page}`;
const saved = (page, text) => page.locator("#note", { hasText: text }).waitFor();

async function onAPhone(walk, path, name) {
  const page = await walk.pocket.newPage();
  await page.goto(path);
  await walk.watch.axe(page, `${name} on a phone`);
  assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)), `${path} scrolls sideways on a phone`);
  await page.close();
}

export async function saysHowMessagesGoOut(walk) {
  const { office, watch, demo } = walk;
  const at = settings(walk, "sending");
  const page = await office.newPage();
  await page.goto(at);
  await watch.axe(page, "sending");
  await page.getByLabel("Only in these hours").check();
  await page.getByLabel("From (customer’s time)").fill("08:30");
  await page.getByLabel("A day").fill("much");
  watch.expect(422, at);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#problems").waitFor();
  await watch.axe(page, "sending with a mistake");
  await page.getByLabel("A day").fill("500");
  await page.getByLabel("SMS", { exact: true }).fill("14.50");
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page, "Saved");
  await page.getByText("Requests for payment go out 08:30–20:00 of the customer’s time.").waitFor();
  await page.getByText("of ₹500.00 spent").waitFor();
  const merchant = await api(demo, "GET", "/v1/merchant");
  assert.equal(merchant.settings.message_budget.day, 50000);
  assert.deepEqual(merchant.settings.contact_hours, { from: "08:30", to: "20:00" });
  await onAPhone(walk, at, "sending");
  await api(demo, "PATCH", "/v1/merchant", { settings: { message_budget: null, message_prices: null, contact_hours: null } });
  await page.close();
}

export async function registersInIndia(walk) {
  const { office, watch, demo } = walk;
  const page = await office.newPage();
  await page.goto(settings(walk, "sending"));
  await page.getByRole("link", { name: "Registration" }).click();
  await page.getByLabel("Entity id").fill("1101234560000012345");
  await page.getByLabel("Headers").fill("ACMEIN");
  await page.getByLabel("Domains for links").fill("acme.in");
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page, "Saved");
  await page.getByRole("link", { name: "Add a text" }).click();
  await page.getByLabel("Content template id").fill("1107160000000012345");
  await page.getByLabel("Text", { exact: true }).fill("{#var#}: pay {#var#}. {#url#}");
  await watch.axe(page, "registered text");
  await page.getByRole("button", { name: "Save the text" }).click();
  await saved(page, "is kept");
  await watch.axe(page, "registration in India");
  await onAPhone(walk, settings(walk, "sending/india"), "registration in India");
  await page.getByRole("button", { name: "Remove" }).click();
  await saved(page, "is removed");
  await api(demo, "PATCH", "/v1/merchant", { settings: { dlt: null } });
  await page.close();
}

export async function liftsASuppression(walk) {
  const { office, watch } = walk;
  const page = await office.newPage();
  const at = settings(walk, "suppressions");
  await page.goto(at);
  await page.getByLabel(/^Phone number/).fill("98123 45699");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByRole("button", { name: "Send no more by SMS" }).click();
  await saved(page, "no more messages");
  await watch.axe(page, "addresses that get no messages");
  await onAPhone(walk, at, "addresses that get no messages");
  await page.getByRole("link", { name: "Send again by SMS to +919812345699" }).click();
  await page.getByLabel("It should not have been entered").check();
  await watch.axe(page, "lifting");
  await page.getByRole("button", { name: "Send again" }).click();
  await saved(page, "gets messages again");
  await page.getByText("Nobody yet").waitFor();
  await page.close();
}

export async function sendsAgainInSteps(walk) {
  const { office, watch, demo } = walk;
  const link = await newLink(demo, { channels: [] });
  const page = await office.newPage();
  const at = `${demo.url}/dashboard/test/links/${link.id}/deliver`;
  await page.goto(at);
  await watch.axe(page, "sending in steps");
  await onAPhone(walk, at, "sending in steps");
  await page.getByRole("button", { name: "Send" }).click();
  await saved(page, "On its way");
  const { deliveries } = await api(demo, "GET", `/v1/payment_links/${link.id}`);
  assert.deepEqual(deliveries.map((d) => d.channel), ["whatsapp", "sms"]);
  await page.close();
}
