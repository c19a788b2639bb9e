// An independent client: plain fetch, through Prism. It keeps what Prism finds, and which operations of
// the document were called with good and with bad input.
export class Judge {
  wrong = [];
  calls = 0;
  byServerAlone = 0; // refused by rules that a schema cannot say
  #document;
  #proxy;
  #key;
  #seen = new Map();

  constructor(document, proxy, key) {
    this.#document = document;
    this.#proxy = proxy;
    this.#key = key;
  }

  // call asks through Prism and expects a status. What Prism finds in the answer is always wrong. What
  // it finds in the request is wrong if the request is meant to be good, or if the server takes it.
  async call(want, method, path, { body, raw, headers = {}, key = this.#key } = {}) {
    const answer = await fetch(this.#proxy + path, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    const where = `${method} ${path} ${body === undefined ? "" : JSON.stringify(body).slice(0, 200)}`;
    this.calls++;
    const found = JSON.parse(answer.headers.get("sl-violations") ?? "[]");
    const inRequest = found.filter((v) => v.location?.[0] === "request");
    const inAnswer = found.filter((v) => v.location?.[0] !== "request");
    if (answer.status !== want) this.wrong.push(`${where}: ${answer.status}, want ${want}: ${text.slice(0, 400)}`);
    for (const v of inAnswer) this.wrong.push(`${where}: the answer ${answer.status} breaks the contract: ${JSON.stringify(v)} ${text.slice(0, 300)}`);
    if (answer.ok) for (const v of inRequest) this.wrong.push(`${where}: the server takes what the contract forbids: ${JSON.stringify(v)}`);
    if ([400, 422].includes(answer.status) && inRequest.length === 0) this.byServerAlone++;
    this.#note(method, path, answer.status);
    return /json/.test(answer.headers.get("content-type") ?? "") ? JSON.parse(text) : { text, answer };
  }

  #note(method, path, status) {
    const plain = path.split("?")[0].split("/");
    const fits = (template) => {
      const parts = template.split("/");
      return parts.length === plain.length && parts.every((part, i) => part.startsWith("{") || part === plain[i]);
    };
    const paths = Object.keys(this.#document.paths).filter(fits);
    const template = paths.find((p) => !p.includes("{")) ?? paths[0];
    const id = this.#document.paths[template]?.[method.toLowerCase()]?.operationId;
    if (!id) return void this.wrong.push(`${method} ${path} is no operation of the document`);
    if (!this.#seen.has(id)) this.#seen.set(id, new Set());
    this.#seen.get(id).add(status < 400 ? "good" : "bad");
  }

  // notCalled lists the operations that were not called with good and with bad input.
  notCalled(except) {
    const missing = [];
    for (const methods of Object.values(this.#document.paths)) {
      for (const { operationId } of Object.values(methods)) {
        for (const kind of ["good", "bad"]) {
          if (!this.#seen.get(operationId)?.has(kind) && except[operationId] !== kind) missing.push(`${operationId} was not called with ${kind} input`);
        }
      }
    }
    return missing;
  }

  get operations() {
    return this.#seen.size;
  }
}
