// Walks every operation of the contract with good and with bad input, with Prism between this client
// and the real server, and fails when one of them breaks the OpenAPI document.
//
//   node walk.mjs
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemo } from "../browser/demo.mjs";
import { Judge } from "./judge.mjs";
import { customersGoBack, filesAreHandedOver, pagesAsk } from "./asks.mjs";
import { manyAreMade } from "./bulk.mjs";
import { inboxesAreOpened } from "./inbox.mjs";
import { linksLive } from "./life.mjs";
import { customersAreKept } from "./people.mjs";
import { disputesAreAnswered, gatewaysAreConnected, heldMoneyIsDecided, moneyGoesBack, reservedMoneyIsTaken } from "./money.mjs";
import { plansAndPromises } from "./plans.mjs";
import { customersAreReminded } from "./remind.mjs";
import { providersAreConnected } from "./providers.mjs";
import { linksRestricted } from "./restrict.mjs";
import { linksGoOutInSteps } from "./steps.mjs";
import { addressesAreSuppressed, codesAreGiven, moreTimeIsDeclined, templatesAreSaved } from "./terms.mjs";
import { startPrism } from "./prism.mjs";
import { messagesAreBounded } from "./spending.mjs";
import { messagesAreWorded } from "./wordings.mjs";
import { samplesRun } from "./samples.mjs";
import {
  badLinksAreRefused, eventsAreRead, linksAreFound, linksAreMade, linksChange, moneyMoves, theClockMoves, webhooksAreTold, whoIsAsking,
} from "./chapters.mjs";

// They are told in this order: later ones use what earlier ones made.
const chapters = [whoIsAsking, linksAreMade, badLinksAreRefused, linksAreFound, linksChange, linksLive, linksRestricted, customersAreReminded, linksGoOutInSteps, plansAndPromises, pagesAsk, customersGoBack, filesAreHandedOver, codesAreGiven, addressesAreSuppressed, customersAreKept, templatesAreSaved, messagesAreWorded, messagesAreBounded, inboxesAreOpened, providersAreConnected, moreTimeIsDeclined, manyAreMade, theClockMoves, moneyMoves, reservedMoneyIsTaken, moneyGoesBack, disputesAreAnswered, heldMoneyIsDecided, gatewaysAreConnected, webhooksAreTold, eventsAreRead, samplesRun];

// canSayNo asks Prism about an answer that breaks a falsified contract, and about a request that does:
// if it found nothing there, its silence before would mean nothing.
async function canSayNo(document, judge) {
  document.components.schemas.Merchant.properties.name.maxLength = 1;
  document.paths["/v1/merchant"].get.parameters.push({ name: "Never-Sent", in: "header", required: true, description: "", schema: { type: "string" } });
  writeFileSync(join(folder, "falsified.json"), JSON.stringify(document));
  const strict = await startPrism(join(folder, "falsified.json"), demo.url);
  const doubter = new Judge(document, strict.url, demo.api_key);
  await doubter.call(200, "GET", "/v1/merchant");
  await strict.stop();
  if (doubter.wrong.length !== 2) judge.wrong.push(`Prism finds ${doubter.wrong.length} violations where there are two: ${doubter.wrong}`);
}

const folder = mkdtempSync(join(tmpdir(), "paylink-contract-"));
const demo = await startDemo();
const shop = createServer((request, answer) => request.resume().on("end", () => answer.writeHead(204).end()));
await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
let prism, failed = true;
try {
  const text = await (await fetch(`${demo.url}/openapi.json`)).text();
  writeFileSync(join(folder, "openapi.json"), text);
  prism = await startPrism(join(folder, "openapi.json"), demo.url);
  const judge = new Judge(JSON.parse(text), prism.url, demo.api_key);
  const world = { demo, judge, hooks: `http://127.0.0.1:${shop.address().port}/hooks` };
  for (const chapter of chapters) {
    const before = judge.wrong.length;
    try {
      await chapter(world);
    } catch (error) {
      judge.wrong.push(`${chapter.name}: ${error.stack}`);
    }
    console.log(`${judge.wrong.length === before ? "ok  " : "FAIL"} ${chapter.name}`);
  }
  // A stream does not end, and Prism passes an answer on when it is whole: the walk reads it directly.
  // Nobody here is a second person who may start somebody else's file.
  judge.wrong.push(...judge.notCalled({ stream_events: "good", stream_inbox: "good", approve_bulk_upload: "good" }));
  await canSayNo(JSON.parse(text), judge);
  for (const line of judge.wrong) console.log(`     ${line}`);
  console.log(`${judge.calls} calls of ${judge.operations} operations through Prism, ${judge.byServerAlone} refused by rules that a schema cannot say`);
  console.log(judge.wrong.length ? `${judge.wrong.length} wrong` : "no violation of the contract");
  failed = judge.wrong.length > 0;
} finally {
  await prism?.stop();
  await new Promise((resolve) => shop.close(resolve).closeAllConnections());
  rmSync(folder, { recursive: true, force: true });
  const code = await demo.stop();
  if (code !== 0) console.log(`FAIL paylink demo ended with ${code} when it was asked to stop`);
  process.exitCode = failed || code !== 0 ? 1 : 0;
}
