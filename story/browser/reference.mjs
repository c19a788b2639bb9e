// The API's reference, as a programmer reads it: on a desk, on a phone, in the dark, by keyboard, and
// without scripts.
import assert from "node:assert/strict";

const call = "#create_payment_link";
const shown = (page, language) => page.locator(`article[aria-labelledby=create_payment_link] .sample.${language}`);
const radio = (page, language) => page.locator(`input[name=language-create_payment_link][value=${language}]`);

async function fits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${name} is ${over} px too wide`);
}

export async function readsTheReference({ demo, desktop, watch }) {
  await desktop.grantPermissions(["clipboard-read", "clipboard-write"], { origin: demo.url });
  const page = await desktop.newPage();
  await page.goto(`${demo.url}/docs${call}`);
  await watch.axe(page, "the reference");
  await fits(page, "the reference");

  // By keyboard: an arrow chooses the next language, everywhere, and for the next visit too.
  await radio(page, "curl").focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(await shown(page, "go").isVisible());
  assert.ok(!(await shown(page, "curl").isVisible()));
  assert.ok(await page.locator("input[name=language-get_payment][value=go]").isChecked());
  await page.reload();
  assert.ok(await shown(page, "go").isVisible(), "the language is forgotten");

  await radio(page, "curl").check();
  await shown(page, "curl").getByRole("button").click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await shown(page, "curl").locator("code").textContent());
  assert.match(copied, new RegExp(`^curl ${demo.url}/v1/payment_links `));

  // The browser's own search finds a call by its address; the contents lead to it.
  await page.locator("nav.side a", { hasText: "Send a webhook_endpoint.test" }).click();
  await page.waitForURL(/#test_webhook_endpoint$/);
  assert.ok(await page.locator("#test_webhook_endpoint").isVisible());
  await page.close();
}

export async function readsTheReferenceOnAPhone({ demo, phone, dark, watch }) {
  const page = await phone.newPage();
  await page.goto(`${demo.url}/docs`);
  await fits(page, "the reference on a phone");
  await page.locator(".fold summary").click();
  await watch.axe(page, "the reference on a phone, its contents open");
  await page.locator("nav.side a", { hasText: "Payment links" }).first().click();
  await page.waitForURL(/#topic-payment-links$/);
  assert.ok(!(await page.locator(".fold").evaluate((fold) => fold.open)), "the contents stay open over what was chosen");
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(page, "the reference at 320 px");
  await page.close();
  const night = await dark.newPage();
  await night.goto(`${demo.url}/docs${call}`);
  await watch.axe(night, "the reference in the dark");
  await night.close();
}

export async function readsTheReferenceWithoutScript({ demo, plain }) {
  const page = await plain.newPage();
  await page.goto(`${demo.url}/docs${call}`);
  await radio(page, "js").check({ force: true });
  assert.ok(await shown(page, "js").isVisible());
  assert.ok(!(await shown(page, "curl").isVisible()));
  assert.equal(await page.locator(".copy:visible").count(), 0, "buttons that do nothing");
  await page.close();
}
