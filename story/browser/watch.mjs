// Watches every page of the walk: what the browser complains about, where it calls, and what axe
// finds. What is found is collected, so that one walk shows everything that is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export class Watch {
  complaints = [];
  #origin;
  #expected = new Set();

  constructor(url) {
    this.#origin = new URL(url).origin;
  }

  // over attends every page that the context opens.
  over(context, name) {
    context.on("page", (page) => this.#attend(page, name));
    return context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (e) => {
        console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`);
      });
    });
  }

  // expect says that an address is meant to answer with an error: the browser's own complaint about
  // that status is then none.
  expect(status, url) {
    this.#expected.add(`${status} ${url}`);
  }

  #attend(page, name) {
    const complain = (what) => this.complaints.push(`${name}, ${page.url()}: ${what}`);
    page.on("pageerror", (error) => complain(`script error: ${error.message}`));
    page.on("console", (message) => {
      const from = message.location().url;
      if (message.type() !== "error" && !/content security policy|trusted type/i.test(message.text())) return;
      if (this.#expected.has(`${/status of (\d+)/.exec(message.text())?.[1]} ${from}`)) return;
      complain(`console: ${message.text()} (${from})`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.protocol !== "blob:" && url.origin !== this.#origin) complain(`calls ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 500) complain(`${response.status()} from ${response.url()}`);
    });
  }

  // axe judges the page as it stands. It runs in a world of its own, where the page's policy does not
  // reach: the policy itself is not loosened for the test.
  async axe(page, name) {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send("Page.getFrameTree");
    const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(`axe on ${name}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
      return result.value;
    };
    await evaluate(`${axe};undefined`);
    const violations = await evaluate(
      `axe.run(document, { runOnly: ${JSON.stringify(levels)}, resultTypes: ["violations"] })
         .then((r) => r.violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join("; ")))`,
    );
    await session.detach();
    for (const violation of violations) this.complaints.push(`axe, ${name}: ${violation}`);
  }
}
