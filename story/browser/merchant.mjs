// What the merchant does in the dashboard: signs in, makes a link, and is told that it is paid.
import assert from "node:assert/strict";
import { api } from "./demo.mjs";
import { picture } from "./picture.mjs";

async function signIn(page, demo, watch, where) {
  await page.goto(demo.dashboard_url);
  await page.getByLabel(/e-?mail/i).waitFor();
  await watch.axe(page, `sign-in ${where}`);
  await page.getByLabel(/e-?mail/i).fill(demo.dashboard_email);
  await page.getByLabel(/password/i).fill(demo.dashboard_password);
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByLabel(/password/i).waitFor({ state: "detached" });
}

export async function signsIn(walk) {
  const { office, watch, demo } = walk;
  await office.grantPermissions(["notifications"], { origin: new URL(demo.url).origin });
  // What the page would show on the merchant's screen is written down as well.
  await office.addInitScript(() => {
    const told = [];
    window.notificationsSeen = told;
    const Real = window.Notification;
    window.Notification = class extends Real {
      constructor(title, options) {
        super(title, options);
        told.push({ title, body: options?.body ?? "" });
      }
    };
    if (!window.ServiceWorkerRegistration) return; // about:blank is no secure place
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
      told.push({ title, body: options?.body ?? "" });
      return show.call(this, title, options);
    };
  });
  walk.home = await office.newPage();
  await signIn(walk.home, demo, watch, "on a desktop");
  await watch.axe(walk.home, "dashboard home");
}

const main = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });

export async function createsALink(walk) {
  const { office, watch, demo } = walk;
  const page = await office.newPage();
  await page.goto(demo.dashboard_url);
  await main(page, "Create").click();
  await page.getByLabel("Amount", { exact: true }).waitFor();
  await watch.axe(page, "create form");
  // A form with mistakes names them, and keeps what was typed.
  watch.expect(422, new URL("/dashboard/test/links", demo.url).href);
  await page.getByLabel("What for").fill("Order 1042");
  await page.getByRole("button", { name: "Create the link" }).click();
  await page.locator("#problems").waitFor();
  await watch.axe(page, "create form with mistakes");
  assert.equal(await page.getByLabel("What for").inputValue(), "Order 1042");
  await page.getByLabel("Amount", { exact: true }).fill("2,450.00");
  await page.getByLabel("Reference").fill("order-1042");
  await page.getByLabel("Name", { exact: true }).fill("Asha");
  await page.getByLabel("Phone", { exact: true }).fill("+91 98123 45642");
  await page.getByLabel("E-mail", { exact: true }).fill("asha@example.com");
  for (const channel of ["sms", "whatsapp", "email", "in_app"]) {
    await page.locator(`input[name="channel"][value="${channel}"]`).check();
  }
  await picture(walk, page, "create.png");
  await page.getByRole("button", { name: "Create the link" }).click();
  await page.locator("#url").waitFor();
  const { data } = await api(demo, "GET", "/v1/payment_links?reference=order-1042");
  assert.equal(data.length, 1, "the form made another number of links than one");
  walk.made = await api(demo, "GET", `/v1/payment_links/${data[0].id}`);
  assert.equal(walk.made.amount, 245000);
  assert.equal(await page.locator("#url").innerText(), walk.made.url);
  walk.timeline = page;
  await watch.axe(page, "link and its timeline");
}

export async function seesFourMessages(walk) {
  const { office, watch, demo, made } = walk;
  const page = await office.newPage();
  await page.goto(demo.sandbox_url);
  for (const channel of ["sms", "whatsapp", "email", "in_app"]) {
    await page.locator(`article.message[data-channel="${channel}"]`).first().waitFor();
  }
  assert.equal(await page.locator("article.message").count(), 4);
  await watch.axe(page, "sandbox phone");
  await picture(walk, page, "phone.png");
  const href = await page.locator('article[data-channel="sms"] a').first().getAttribute("href");
  assert.ok(href.endsWith(made.code), "the message leads elsewhere");
  await walk.timeline.locator('.deliveries [data-channel="sms"]').getByText("Delivered").waitFor(); // by itself
  walk.list = await office.newPage();
  await walk.list.goto(demo.dashboard_url);
  await main(walk.list, "Links").click();
  walk.row = walk.list.locator(`[data-link="${made.id}"]`);
  await walk.row.locator(".badge", { hasText: "Pending" }).waitFor();
  for (const dashboard of [walk.home, walk.list, walk.timeline]) {
    await dashboard.evaluate(() => (window.neverReloaded = true));
  }
  const notify = walk.home.locator("#notify");
  if (await notify.isVisible()) await notify.click();
  await watch.axe(walk.list, "links list");
}

export async function isToldWithoutReload({ list, row, home, timeline, watch, ...walk }) {
  await row.locator(".badge", { hasText: "Paid" }).waitFor();
  await timeline.locator(".request .badge", { hasText: "Paid" }).waitFor();
  await home.locator("#feed li", { hasText: /paid/i }).first().waitFor();
  for (const page of [home, list, timeline]) {
    assert.ok(await page.evaluate(() => window.neverReloaded), `${page.url()} was loaded anew`);
  }
  await watch.axe(timeline, "timeline of a paid link");
  await watch.axe(home, "dashboard home with its feed");
  await picture(walk, home, "dashboard.png");
  await picture(walk, list, "links.png");
  await picture(walk, timeline, "timeline.png");
  const told = () => Promise.all([home, list, timeline].map((page) => page.evaluate(() => window.notificationsSeen)));
  for (const deadline = Date.now() + 5000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const seen = (await told()).flat();
    if (seen.some((n) => /paid/i.test(n.title) && /2,450/.test(n.title + n.body))) break;
    assert.ok(Date.now() < deadline, `no notification said that it is paid: ${JSON.stringify(seen)}`);
  }
}

export async function looksAround(walk) {
  const { pocket, watch, demo } = walk;
  const page = await pocket.newPage();
  await signIn(page, demo, watch, "on a phone");
  await watch.axe(page, "dashboard home on a phone");
  await picture(walk, page, "dashboard-phone.png");
  await main(page, "Links").click();
  await page.locator("[data-link]").first().waitFor();
  await watch.axe(page, "links list on a phone");
  await picture(walk, page, "links-phone.png");
  await page.locator("[data-link] a").first().click();
  await page.locator("#url").waitFor();
  await watch.axe(page, "link on a phone");
  await main(page, "Create").click();
  await page.getByRole("button", { name: "Create the link" }).waitFor();
  await watch.axe(page, "create form on a phone");
  await notTooWide(page);
  await main(page, "Jobs").click();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  await watch.axe(page, "jobs on a phone");
  await notTooWide(page);
  await page.goto(demo.sandbox_url);
  await page.locator("article.message").first().waitFor();
  await watch.axe(page, "sandbox phone on a phone");
  await notTooWide(page);
}

async function notTooWide(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
  assert.ok(!wide, `${page.url()} scrolls sideways on a phone`);
}
