// The merchant's own providers: one is connected, tried, corrected, put first, switched off and let go.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { api } from "./demo.mjs";

const settings = (page) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" });
const tab = (page) => page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Providers" });
const saved = (page, text) => page.locator("#note", { hasText: text }).waitFor();
const sid = "AC00000000000000000000000000000000";

// startProvider is as much of a carrier of text messages as the button that tests credentials needs.
async function startProvider(token) {
  const good = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;
  const server = createServer((request, answer) => {
    const known = request.headers.authorization === good;
    answer.writeHead(known ? 200 : 401, { "content-type": "application/json" });
    answer.end(JSON.stringify(known ? { sid, status: "active" } : { code: 20003, message: "Authenticate", status: 401 }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

// connects fills the form for one provider.
async function connects(page, title, name, provider) {
  await page.getByRole("link", { name: "Connect a provider" }).click();
  await page.getByRole("link", { name: title, exact: true }).click();
  await page.getByLabel("Account SID").fill(sid);
  await page.getByLabel("Auth Token").fill("wrong");
  await page.getByLabel("From (optional)").fill("+15005550006");
  await page.getByLabel("Your name for it").fill(name);
  await page.getByLabel("Base URL").fill(provider.url);
}

export async function connectsProviders(walk) {
  const { office, watch, demo } = walk;
  const provider = await startProvider("right");
  const page = await office.newPage();
  try {
    await page.goto(demo.dashboard_url);
    await settings(page).click();
    await tab(page).click();
    await watch.axe(page, "providers, none yet");
    await connects(page, "Twilio", "India", provider);
    await page.getByLabel("Account SID").fill("AC1");
    await watch.axe(page, "a provider's form");
    watch.expect(422, new URL("/dashboard/test/settings/providers", demo.url).href);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.locator("#problems").waitFor();
    assert.equal(await page.getByLabel("Auth Token").inputValue(), "", "a refused form shows the secret again");
    await watch.axe(page, "a provider's form with a mistake");
    await page.getByLabel("Account SID").fill(sid);
    await page.getByLabel("Auth Token").fill("wrong");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await saved(page, "The provider is connected");
    assert.match(await page.locator("#receipt-url").innerText(), /\/inbound\/channel\/twilio\/acct_/);
    await page.getByRole("button", { name: "Test the credentials" }).click();
    await page.locator("#trial", { hasText: "does not accept these credentials" }).waitFor();
    await watch.axe(page, "an account that does not work");
    await page.getByLabel("Auth Token").fill("right");
    await page.getByRole("button", { name: "Save" }).click();
    await saved(page, "The account is changed");
    await page.getByRole("button", { name: "Test the credentials" }).click();
    await page.locator("#trial", { hasText: "accepts these credentials" }).waitFor();
    await tab(page).or(page.getByRole("link", { name: "← Providers" })).first().click();
    await connects(page, "Twilio", "Elsewhere", provider);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await saved(page, "The provider is connected");
    await page.getByRole("link", { name: "← Providers" }).click();
    await page.getByRole("button", { name: "Move up Twilio · Elsewhere" }).click();
    await saved(page, "The order is changed");
    await watch.axe(page, "providers");
    const { data } = await api(demo, "GET", "/v1/accounts");
    assert.deepEqual(data.slice(0, 2).map((a) => [a.name, a.rank]), [["Elsewhere", 1], ["India", 2]]);
    await page.getByRole("link", { name: "Twilio · Elsewhere" }).click();
    await page.getByRole("button", { name: "Switch off" }).click();
    await saved(page, "The account is switched off");
    for (const name of ["Elsewhere", "India"]) {
      await page.goto(new URL("/dashboard/test/settings/providers", demo.url).href);
      await page.getByRole("link", { name: `Twilio · ${name}` }).click();
      await page.getByRole("link", { name: "Disconnect" }).click();
      await watch.axe(page, "disconnect a provider");
      await page.getByRole("button", { name: "Disconnect" }).click();
      await saved(page, "The account is disconnected");
    }
  } finally {
    await page.close();
    await provider.stop();
  }
}
