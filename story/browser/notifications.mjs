// A person who works with the dashboard is told on the own device. The browser's push service is not asked: what it
// gives is put in its place, and what it brings is handed to the worker by Chromium.
import assert from "node:assert/strict";

const saved = (page, text) => page.locator("#note", { hasText: text }).waitFor();

// subscribes stands in for the push service. Its host is none that the server calls.
function subscribes() {
  const subscription = { toJSON: () => ({ endpoint: "https://push.example/one", keys: { p256dh: "B".repeat(87).slice(0, 86) + "A", auth: "A".repeat(22) } }) };
  const held = () => localStorage.getItem("subscribed");
  PushManager.prototype.subscribe = async function ({ userVisibleOnly, applicationServerKey }) {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("no key");
    localStorage.setItem("subscribed", "yes");
    return subscription;
  };
  PushManager.prototype.getSubscription = async () => held() ? subscription : null;
}

export async function isToldOnThisDevice(walk) {
  const { office, watch, demo } = walk;
  await office.grantPermissions(["notifications"], { origin: new URL(demo.url).origin });
  const page = await office.newPage();
  await page.addInitScript(subscribes);
  await page.goto(new URL("/dashboard/test/settings", demo.url).href);
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Notifications" }).click();
  await watch.axe(page, "notifications");
  const workers = async () => (await page.evaluate(() => navigator.serviceWorker.getRegistrations())).length;
  assert.equal(await workers(), 0, "a worker was started before the button was pressed");
  const registered = await registrationOf(page);
  await page.getByRole("button", { name: "Notify me on this device" }).click();
  await saved(page, "This device shows a notification");
  assert.equal(await workers(), 1);
  assert.ok(await page.getByRole("button", { name: "Notify me on this device" }).isHidden(), "the button is still there");
  await watch.axe(page, "notifications on a device");

  const link = new URL("/dashboard/test/links", demo.url).href;
  const { session, id } = await registered();
  await session.send("ServiceWorker.deliverPushMessage", {
    origin: new URL(demo.url).origin, registrationId: id,
    data: JSON.stringify({ web_push: 8030, notification: { title: "Paid ₹2,450.00", body: "Order 1042", tag: "pay_1", navigate: link } }),
  });
  const shown = () => page.evaluate(async () => {
    const all = await (await navigator.serviceWorker.getRegistrations())[0].getNotifications();
    return all.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });
  for (const deadline = Date.now() + 5000; !(await shown()).length && Date.now() < deadline; ) await page.waitForTimeout(50);
  assert.deepEqual(await shown(), [{ title: "Paid ₹2,450.00", body: "Order 1042", tag: "pay_1", data: link }]);

  await page.getByRole("button", { name: "Stop on this device" }).click();
  await saved(page, "The device is told nothing any more");
  await page.getByRole("button", { name: "Notify me on this device" }).waitFor();
  await page.close();
}

// registrationOf hears under which id Chromium knows the page's worker.
async function registrationOf(page) {
  const session = await page.context().newCDPSession(page);
  let id;
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => { id = registrations.find((r) => !r.isDeleted)?.registrationId ?? id; });
  await session.send("ServiceWorker.enable");
  return async () => {
    for (const deadline = Date.now() + 5000; !id && Date.now() < deadline; ) await page.waitForTimeout(50);
    assert.ok(id, "Chromium tells of no worker");
    return { session, id };
  };
}

// saysWhyNot is told no, and a browser that cannot is told so plainly.
export async function saysWhyNot(walk) {
  const { pocket, watch, demo } = walk;
  const at = new URL("/dashboard/test/settings/notifications", demo.url).href;
  const page = await pocket.newPage();
  await page.addInitScript(() => { Notification.requestPermission = async () => "denied"; });
  await page.goto(at);
  await page.getByRole("button", { name: "Notify me on this device" }).click();
  await page.getByText("blocked on this device").waitFor();
  await watch.axe(page, "notifications refused");
  await page.addInitScript(() => { delete window.PushManager; });
  await page.goto(at);
  await page.getByText("This browser cannot show notifications").waitFor();
  assert.ok(await page.getByRole("button", { name: "Notify me on this device" }).isHidden());
  await page.close();
}
