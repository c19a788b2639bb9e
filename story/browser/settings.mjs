// What the merchant decides and prepares once for many links: settings, templates, codes, files, the way back.
import assert from "node:assert/strict";
import { api } from "./demo.mjs";

const entry = (page) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" });
const tab = (page, name) => page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name });
const saved = (page, text) => page.locator("#note", { hasText: text }).waitFor();

export async function decidesOnce(walk) {
  const { office, watch, demo } = walk;
  const page = await office.newPage();
  await page.goto(demo.dashboard_url);
  await entry(page).click();
  await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  await watch.axe(page, "settings");
  await page.getByLabel(/^Ask me/).check();
  await page.getByLabel("How many").first().fill("often");
  watch.expect(422, new URL("/dashboard/test/settings", demo.url).href);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#problems").waitFor();
  await watch.axe(page, "settings with a mistake");
  assert.ok(await page.getByLabel(/^Ask me/).isChecked(), "what was chosen is gone");
  await page.getByLabel("How many").first().fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page, "Saved");
  const { settings, default_expires_in } = await api(demo, "GET", "/v1/merchant");
  assert.equal(default_expires_in, 5 * 86400);
  assert.equal(settings.refresh.policy, "approval");
  await page.close();
}

export async function preparesForMany(walk) {
  const { office, watch, demo } = walk;
  const page = await office.newPage();
  await page.goto(demo.dashboard_url);
  await entry(page).click();

  await tab(page, "Discount codes").click();
  await page.getByRole("link", { name: "New code" }).click();
  await page.getByLabel("Code", { exact: true }).fill("diwali10");
  await page.getByRole("textbox", { name: "Percent" }).fill("10");
  await watch.axe(page, "new discount code");
  await page.getByRole("button", { name: "Make the code" }).click();
  await saved(page, "The code is ready");
  await watch.axe(page, "discount codes");

  await tab(page, "Files").click();
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "offer.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") });
  await page.getByRole("button", { name: "Upload" }).click();
  await saved(page, "The file is kept");
  await watch.axe(page, "files");

  await tab(page, "Way back to your site").click();
  await page.getByLabel("Add a site").fill("https://shop.example");
  await page.getByRole("button", { name: "Add" }).click();
  await saved(page, "Customers may go back");
  await page.getByRole("button", { name: "Make the secret" }).click();
  assert.match(await page.locator("#secret").innerText(), /^rtsec_/);
  await page.getByText("How your site checks the signature").click();
  await watch.axe(page, "way back to the site");

  await tab(page, "Templates").click();
  await page.getByRole("link", { name: "New template" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Monthly fee");
  await page.getByLabel("Amount", { exact: true }).fill("1,200");
  await page.getByLabel("What for").fill("Fee of the month");
  await page.getByLabel("Its own time").check();
  await watch.axe(page, "new template");
  await page.getByRole("button", { name: "Save the template" }).click();
  await saved(page, "The template is saved");
  await watch.axe(page, "templates");
  await page.getByRole("link", { name: "Use Monthly fee" }).click();
  await page.getByRole("heading", { name: "Create a payment link" }).waitFor();
  assert.equal(await page.getByLabel("Amount", { exact: true }).inputValue(), "1200.00");
  await page.getByRole("button", { name: "Create the link" }).click();
  await page.locator("#url").waitFor();
  const { data } = await api(demo, "GET", "/v1/payment_links?limit=1");
  assert.deepEqual([data[0].amount, data[0].description, data[0].template], [120000, "Fee of the month", "Monthly fee"]);
  await page.close();
}

export async function settlesOnAPhone(walk) {
  const { pocket, watch, demo } = walk;
  const page = await pocket.newPage();
  await page.goto(demo.dashboard_url);
  await entry(page).click();
  for (const name of ["Links and messages", "Sending", "Do not send", "Templates", "Discount codes", "Files", "Providers", "Way back to your site"]) {
    await tab(page, name).click();
    await page.locator(".tabs [aria-current]", { hasText: name }).waitFor();
    await watch.axe(page, `settings on a phone: ${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
    assert.ok(!wide, `${page.url()} scrolls sideways on a phone`);
  }
  await page.close();
}
