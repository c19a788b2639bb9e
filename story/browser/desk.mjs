// What a merchant does with one link when money does not come as it was asked for: instalments, a promise,
// and the first page that names who needs a call.
import assert from "node:assert/strict";
import { api, newLink } from "./demo.mjs";

const day = (from) => new Date(Date.now() + from * 86_400_000).toLocaleDateString("en-CA", { timeZone: "Asia/Kolkata" });

async function open(walk, context, link, form = "") {
  const page = await context.newPage();
  await page.goto(`${walk.demo.url}/dashboard/test/links/${link.id}${form && "/" + form}`);
  return page;
}

async function notTooWide(page) {
  assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)), `${page.url()} scrolls sideways`);
}

// closed ends pages: each holds a stream open, of which a browser has six for one address.
const closed = (...pages) => Promise.all(pages.map((page) => page.close()));

export async function plansTheInstalments(walk) {
  const { office, pocket, desktop, watch, demo } = walk;
  const link = (walk.planned = await newLink(demo, { description: "School fees", expires_in: undefined, expires_at: null }));
  const page = await open(walk, office, link);
  await page.getByRole("link", { name: "Pay by instalments…" }).click();
  await watch.axe(page, "form for instalments");
  watch.expect(422, `${demo.url}/dashboard/test/links/${link.id}/replan`);
  await page.getByRole("button", { name: "Work out the instalments" }).click();
  await page.locator("#problems").waitFor();
  await watch.axe(page, "form for instalments with a mistake");
  await page.getByLabel("First one due on").fill(day(2));
  await page.getByLabel("First one comes to").fill("450");
  await page.getByRole("button", { name: "Work out the instalments" }).click();
  await page.getByText("Nothing is changed yet.").waitFor();
  assert.deepEqual(await page.locator('[name="step_amount"]').evaluateAll((all) => all.map((i) => i.value)), ["450.00", "1000.00", "1000.00", "", ""]);
  await page.getByRole("button", { name: "Set the instalments" }).click();
  await page.locator("#note").waitFor();
  const { plan } = await api(demo, "GET", `/v1/payment_links/${link.id}`);
  assert.deepEqual(plan.instalments.map((i) => i.amount), [45000, 100000, 100000]);
  const small = await open(walk, pocket, link, "replan");
  await watch.axe(small, "form for instalments on a phone");
  await notTooWide(small);
  const customer = await desktop.newPage();
  await customer.goto(link.url);
  await customer.getByText("Pay the next instalment").waitFor();
  await watch.axe(customer, "page of a plan on a desktop");
  await closed(page, small, customer);
}

export async function notesAPromise(walk) {
  const { office, pocket, watch, demo } = walk;
  const link = await newLink(demo, { description: "Order 1043", expires_in: 40 * 86400 });
  const page = await open(walk, office, link);
  await page.getByRole("link", { name: "Note a promise to pay…" }).click();
  await page.getByLabel("Will pay by the end of").fill(day(1));
  await page.getByLabel("Note", { exact: true }).fill("after payday");
  await watch.axe(page, "form for a promise");
  await page.getByRole("button", { name: "Note the promise" }).click();
  await page.locator("#note").waitFor();
  await page.getByText("₹2,450.00 promised by", { exact: false }).first().waitFor();
  await watch.axe(page, "link with a promise");
  const { promise } = await api(demo, "GET", `/v1/payment_links/${link.id}`);
  assert.equal(promise.date, day(1));
  await page.getByRole("button", { name: "Take the promise back" }).click();
  await page.getByText("Reminders go on.").waitFor();
  const small = await open(walk, pocket, link, "promise");
  await watch.axe(small, "form for a promise on a phone");
  await notTooWide(small);
  await small.getByLabel("Will pay by the end of").fill(day(1));
  await small.getByRole("button", { name: "Note the promise" }).click();
  await small.locator("#note").waitFor();
  await closed(page, small);
}

export async function changesALink(walk) {
  const { office, pocket, watch, demo } = walk;
  const link = await newLink(demo, { amount: undefined, line_items: [{ name: "Tea", quantity: 2, unit_amount: 12000 }] });
  const page = await open(walk, office, link);
  await page.getByRole("link", { name: "Change…" }).click();
  await watch.axe(page, "form that changes a link");
  watch.expect(422, `${demo.url}/dashboard/test/links/${link.id}/amend`);
  const price = page.locator('[name="item_price"]').first();
  await price.fill("1,0");
  await page.getByLabel("Opens for").selectOption("phone_digits");
  await page.getByRole("button", { name: "Change the link" }).click();
  await page.locator("#problems").waitFor();
  await watch.axe(page, "form that changes a link, with a mistake");
  await price.fill("125.50");
  await page.getByRole("button", { name: "Change the link" }).click();
  await page.locator("#note").waitFor();
  const changed = await api(demo, "GET", `/v1/payment_links/${link.id}`);
  assert.deepEqual([changed.amount, changed.revision, changed.restrict.proof], [25100, 2, "phone_digits"]);
  const small = await open(walk, pocket, link, "amend");
  await watch.axe(small, "form that changes a link, on a phone");
  await notTooWide(small);
  await closed(page, small);
}

export async function seesWhoNeedsACall(walk) {
  const { pocket, home, watch, demo } = walk;
  await api(demo, "POST", "/sandbox/clock", { advance: "96h" });
  await home.getByRole("heading", { name: "Needs you" }).waitFor(); // by itself
  for (const words of ["Instalment missed", "Promise broken"]) await home.locator(".concerns").getByText(words).first().waitFor();
  await watch.axe(home, "dashboard home with what needs somebody");
  const small = await pocket.newPage();
  await small.goto(`${demo.url}/dashboard/test/attention`);
  await watch.axe(small, "what needs somebody, on a phone");
  await notTooWide(small);
  await small.getByRole("link", { name: "School fees" }).first().click();
  await small.getByText("of the instalments is late").waitFor();
  await closed(small);
}
