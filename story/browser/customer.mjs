// What the customer does: opens the link on a phone or a desktop and pays it in each way.
import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { join } from "node:path";
import { newLink } from "./demo.mjs";
import { picture } from "./picture.mjs";

// status waits until the page says how the link stands; it changes by itself, without our reloading.
export const status = (page, want) => page.locator(`body[data-status="${want}"]`).waitFor({ state: "attached" });
const payment = (page, want) => page.locator(`body[data-payment="${want}"]`).waitFor({ state: "attached" });

// choose picks a way to pay by its label, as a finger does, and presses pay.
async function choose(page, method) {
  await page.locator(`#pay label:has(input[value="${method}"]), #pay label[for="method-${method}"]`).first().click();
  assert.ok(await page.locator(`#pay input[name="method"][value="${method}"]`).isChecked(), `${method} is not chosen`);
  await page.locator('#pay button[type="submit"]').click();
}

export async function paysByCardWithChallenge({ phone, desktop, watch, made, ...walk }) {
  const page = await phone.newPage();
  const answer = await page.goto(made.url);
  assert.equal(answer.request().redirectedFrom(), null, "the link redirects");
  assert.match(await page.title(), /\S/);
  await page.getByText("2,450.00").first().waitFor();
  await watch.axe(page, "payment page on a phone");
  await picture(walk, page, "page.png");
  const large = await desktop.newPage();
  await large.goto(made.url);
  await watch.axe(large, "payment page on a desktop");
  await picture(walk, large, "page-desktop.png");

  await choose(page, "card");
  await page.waitForURL(/\/sandbox\/bank\/card\//);
  await watch.axe(page, "card page");
  await page.getByLabel("Card number").fill("4000 0000 0000 3220");
  await page.getByLabel(/Expiry/).fill("09 / 30");
  await page.getByLabel("Security code").fill("123");
  await page.getByLabel("Name on card").fill("Asha");
  await page.getByRole("button", { name: /^Pay/ }).click();
  const code = await page.locator("#challenge-code").innerText();
  await watch.axe(page, "3-D Secure challenge");
  await page.getByLabel("6-digit code").fill(code);
  await page.getByRole("button", { name: /^Confirm/ }).click();
  await status(page, "paid");
  await watch.axe(page, "receipt on a phone");
  await picture(walk, page, "receipt.png");
  // Somebody else who has the link sees it turn paid too, without a reload.
  await status(large, "paid");
  await watch.axe(large, "receipt for a stranger");
}

export async function paysByUPIOnAPhone({ phone, watch, demo }) {
  const link = await newLink(demo);
  const page = await phone.newPage();
  await page.goto(link.url);
  await choose(page, "upi");
  await payment(page, "action_required");
  await watch.axe(page, "waiting for the UPI app on a phone");
  await page.locator("#continue").click();
  await page.waitForURL(/\/sandbox\/upi\//);
  await watch.axe(page, "pretend UPI app");
  await page.locator("#act button.primary", { hasText: "Approve" }).click();
  await status(page, "paid");
}

export async function paysByQRCode({ desktop, office, watch, demo, ...walk }) {
  const link = await newLink(demo);
  const page = await desktop.newPage();
  await page.goto(link.url);
  await choose(page, "upi");
  await payment(page, "action_required");
  await watch.axe(page, "QR code on a desktop");
  await picture(walk, page, "qr.png");
  const shot = join(demo.folder, "qr.png");
  await page.locator('svg[role="img"]').first().screenshot({ path: shot, scale: "css" });
  const read = execFileSync("zbarimg", ["--quiet", "--raw", shot], { encoding: "utf8" }).trim();
  const intent = new URL(read);
  assert.equal(intent.protocol, "upi:");
  assert.equal(intent.searchParams.get("am"), "2450.00");
  assert.equal(intent.searchParams.get("cu"), "INR");

  // The customer's phone approves what the code says; the desktop goes on by itself.
  const sandbox = await office.newPage();
  await sandbox.goto(demo.sandbox_url);
  const order = sandbox.locator(`.order[data-reference="${intent.searchParams.get("tr")}"]`).first();
  await order.getByRole("button", { name: /^Approve/ }).first().click();
  await status(page, "paid");
  await sandbox.close();
}

async function bank(page, name) {
  await page.waitForURL(/\/sandbox\/bank\/netbanking\//);
  await page.locator("label.choice", { has: page.locator(`input[value="test_${name}"]`) }).click();
  await page.getByRole("button", { name: /^Pay/ }).click();
}

export async function isDeclinedAndTriesAgain({ desktop, watch, demo }) {
  const link = await newLink(demo);
  const page = await desktop.newPage();
  await page.goto(link.url);
  await choose(page, "netbanking");
  await page.waitForURL(/netbanking/);
  await watch.axe(page, "pretend bank");
  await bank(page, "decline");
  await status(page, "failed");
  await watch.axe(page, "after a decline");
  await choose(page, "netbanking");
  await bank(page, "success");
  await status(page, "paid");
}

export async function waitsForTheBank({ phone, watch, demo }) {
  for (const outcome of ["pending", "unknown"]) {
    const link = await newLink(demo);
    const page = await phone.newPage();
    await page.goto(link.url);
    await choose(page, "netbanking");
    await bank(page, outcome);
    await payment(page, outcome);
    await watch.axe(page, `page while the bank is ${outcome}`);
    assert.equal(await page.locator("#pay").count(), 0, "it can be paid a second time");
    await page.close();
  }
}

export async function paysWithoutScript({ plain, demo }) {
  const link = await newLink(demo);
  const page = await plain.newPage();
  await page.goto(link.url);
  await page.locator('#pay input[name="method"][value="netbanking"]').check({ force: true });
  await page.locator('#pay button[type="submit"]').click();
  await bank(page, "success");
  await status(page, "paid"); // the page refreshes itself
}

export async function findsNothing({ phone, watch, demo }) {
  const page = await phone.newPage();
  const url = `${demo.url}/0000000000000000000000`;
  watch.expect(404, url);
  const answer = await page.goto(url);
  assert.equal(answer.status(), 404);
  await watch.axe(page, "not found");
}

export async function seesItInTheDark({ dark, watch, demo }) {
  const link = await newLink(demo);
  const page = await dark.newPage();
  await page.goto(link.url);
  await watch.axe(page, "payment page in the dark");
  await choose(page, "upi");
  await payment(page, "action_required");
  await watch.axe(page, "waiting page in the dark");
}

export async function comesTooLate({ phone, office, watch, demo }) {
  const link = await newLink(demo, { expires_in: 3600 });
  const page = await phone.newPage();
  await page.goto(link.url);
  const sandbox = await office.newPage();
  await sandbox.goto(demo.sandbox_url);
  await sandbox.getByLabel("Advance by").fill("2h");
  await sandbox.getByRole("button", { name: "Advance", exact: true }).click();
  await status(page, "expired"); // by itself
  await watch.axe(page, "expired page");
  await sandbox.close();
}
