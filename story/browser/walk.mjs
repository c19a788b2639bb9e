// The main job in a real browser: a merchant makes a link, a customer pays it in every way, and the
// merchant sees it at once. Every page is judged by axe; nothing may complain, call elsewhere or break.
//
//   node walk.mjs [--pictures]      --pictures also makes the pictures of the README anew
import { chromium } from "playwright-core";
import { startDemo } from "./demo.mjs";
import { Watch } from "./watch.mjs";
import * as customer from "./customer.mjs";
import * as desk from "./desk.mjs";
import * as merchant from "./merchant.mjs";
import * as notifications from "./notifications.mjs";
import * as providers from "./providers.mjs";
import * as reference from "./reference.mjs";
import * as sending from "./sending.mjs";
import * as settings from "./settings.mjs";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const mobile = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
  userAgent: "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
};
const desktop = { viewport: { width: 1280, height: 860 } };

const demo = await startDemo();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const watch = new Watch(demo.url);

async function context(name, options) {
  const made = await browser.newContext({ locale: "en-IN", timezoneId: "Asia/Kolkata", ...options });
  made.setDefaultTimeout(15_000);
  await watch.over(made, name);
  return made;
}

const walk = {
  demo, watch, pictures: process.argv.includes("--pictures"),
  phone: await context("phone", mobile),
  desktop: await context("desktop", desktop),
  dark: await context("dark phone", { ...mobile, colorScheme: "dark" }),
  plain: await context("no script", { ...desktop, javaScriptEnabled: false }),
  office: await context("dashboard", desktop),
  pocket: await context("dashboard on a phone", mobile),
};

// The chapters are told in this order: later ones use what earlier ones made.
const chapters = [
  merchant.signsIn, merchant.createsALink, merchant.seesFourMessages,
  customer.paysByCardWithChallenge, merchant.isToldWithoutReload,
  customer.paysByUPIOnAPhone, customer.paysByQRCode, customer.isDeclinedAndTriesAgain,
  customer.waitsForTheBank, customer.paysWithoutScript, customer.findsNothing, customer.seesItInTheDark,
  customer.comesTooLate, merchant.looksAround,
  settings.decidesOnce, settings.preparesForMany, settings.settlesOnAPhone, providers.connectsProviders,
  notifications.isToldOnThisDevice, notifications.saysWhyNot,
  sending.saysHowMessagesGoOut, sending.registersInIndia, sending.liftsASuppression, sending.sendsAgainInSteps,
  desk.plansTheInstalments, desk.notesAPromise, desk.changesALink, desk.seesWhoNeedsACall,
  reference.readsTheReference, reference.readsTheReferenceOnAPhone, reference.readsTheReferenceWithoutScript,
];
let failed = 0;
try {
  for (const chapter of chapters) {
    const from = Date.now();
    const before = watch.complaints.length;
    try {
      await chapter(walk);
    } catch (error) {
      watch.complaints.push(`${chapter.name}: ${error.stack}`);
    }
    const wrong = watch.complaints.slice(before);
    failed += wrong.length > 0;
    console.log(`${wrong.length ? "FAIL" : "ok  "} ${chapter.name} (${Date.now() - from} ms)`);
    for (const line of wrong) console.log(`     ${line}`);
  }
} finally {
  await browser.close();
  if (failed) console.log(demo.log().slice(-2000));
  const code = await demo.stop();
  if (code !== 0) {
    failed++;
    console.log(`FAIL paylink demo ended with ${code} when it was asked to stop`);
  }
}
console.log(`${chapters.length - Math.min(failed, chapters.length)} of ${chapters.length} chapters passed`);
process.exitCode = failed ? 1 : 0;
