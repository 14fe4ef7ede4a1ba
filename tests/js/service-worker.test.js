import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const WORKER = new URL("../../sphinxext_liveviz/static/offline/worker.js", import.meta.url);
const REMOVER = new URL("../../sphinxext_liveviz/static/offline/remover.js", import.meta.url);
const ROOT = "https://docs.example/project/";
const IMMUTABLE = "_static/liveviz/immutable/";

/** What the host has, by name. */
const SITE = {
  [`${IMMUTABLE}core-1/core.wasm`]: "core",
  [`${IMMUTABLE}plots-1.zip`]: "plots",
  "_static/theme.css?v=1": "theme",
  "_images/plot.png": "picture",
  "index.html": "index",
  "guide/plain/index.html": "plain",
  "guide/plot.html": "plot",
};

/** @param {Record<string, string>} site */
function listOf(site) {
  const names = Object.keys(site);
  const position = (/** @type {string} */ name) => names.indexOf(name);
  const files = names.map((name) => [name, createHash("sha256").update(site[name]).digest("hex"), site[name].length]);
  const core = position(`${IMMUTABLE}core-1/core.wasm`);
  const theme = position("_static/theme.css?v=1");
  return {
    deploy: createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16),
    immutable: IMMUTABLE,
    files,
    kinds: [[core], [core, position(`${IMMUTABLE}plots-1.zip`)]],
    pages: {
      "index.html": [0, [position("index.html"), theme]],
      "guide/plain/index.html": [0, [position("guide/plain/index.html"), theme]],
      "guide/plot.html": [1, [position("guide/plot.html"), theme, position("_images/plot.png")]],
    },
  };
}

/** A browser's caches, as far as the worker knows them. */
class FakeCaches {
  /** @type {Map<string, Map<string, Response>>} */
  kept = new Map();
  /** How many more can be put, before there is no room. */
  room = Infinity;

  async keys() {
    return [...this.kept.keys()];
  }

  async delete(/** @type {string} */ name) {
    return this.kept.delete(name);
  }

  async open(/** @type {string} */ name) {
    const responses = this.kept.get(name) ?? new Map();
    this.kept.set(name, responses);
    const url = (/** @type {any} */ request) => request.url ?? request;
    return {
      keys: async () => [...responses.keys()].map((one) => ({ url: one })),
      match: async (/** @type {any} */ request) => responses.get(url(request))?.clone(),
      delete: async (/** @type {any} */ request) => responses.delete(url(request)),
      put: async (/** @type {any} */ request, /** @type {Response} */ response) => {
        if (this.room-- < 1) throw new DOMException("no room", "QuotaExceededError");
        responses.set(url(request), response);
      },
    };
  }

  /** Names in the site that are stored in all. */
  get names() {
    return [...this.kept.values()].flatMap((one) => [...one.keys()]).map((url) => url.slice(ROOT.length));
  }
}

/**
 * A service worker in a browser and a host.
 *
 * @param {{site?: Record<string, string>, caches?: FakeCaches, quota?: number, script?: URL}} [options]
 */
function start({ site = SITE, caches = new FakeCaches(), quota = 1e9, script = WORKER } = {}) {
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  /** @type {string[]} */
  const asked = [];
  const host = { ...site };
  const state = { online: true, unregistered: 0 };
  const fetch = async (/** @type {any} */ request) => {
    const url = request.url ?? request;
    asked.push(url.slice(ROOT.length));
    if (!state.online) throw new TypeError("Failed to fetch");
    const name = url.slice(ROOT.length).replace(/^$|\/$/, (/** @type {string} */ end) => `${end}index.html`);
    return name in host ? new Response(host[name]) : new Response("", { status: 404 });
  };
  const context = {
    OFFLINE: listOf(site),
    registration: { scope: ROOT, unregister: async () => (state.unregistered += 1) },
    clients: { claim: async () => {} },
    navigator: { storage: { estimate: async () => ({ quota, usage: 0 }) } },
    addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => (listeners[type] = listener),
    skipWaiting: async () => {},
    console: { debug() {} },
    crypto: webcrypto,
    ...{ URL, Response, Set, Map, Uint8Array, caches, fetch },
  };
  runInNewContext(readFileSync(script, "utf8"), context);

  /**
   * Send an event and wait for all that it sets off.
   *
   * @param {string} type
   * @param {object} fields
   * @returns {Promise<{answer: Response | undefined}>}  rejected as the request would be
   */
  const send = async (type, fields) => {
    /** @type {Promise<unknown>[]} */
    const waiting = [];
    /** @type {any} */
    let answer;
    listeners[type]?.({
      ...fields,
      waitUntil: (/** @type {Promise<unknown>} */ promise) => waiting.push(promise),
      respondWith: (/** @type {any} */ promise) => (answer = promise),
    });
    const response = await answer;
    for (const promise of waiting) await promise;
    return { answer: response };
  };

  return {
    caches,
    asked,
    host,
    state,
    send,
    /**
     * @param {string} name
     * @param {{client?: string, method?: string, mode?: string, headers?: Headers}} [fields]
     */
    async ask(name, { client = "page", ...fields } = {}) {
      const request = { url: ROOT + name, method: "GET", mode: "cors", headers: new Headers(), ...fields };
      const { answer } = await send("fetch", { request, clientId: client, resultingClientId: client });
      return answer && answer.text();
    },
    /**
     * @param {string} page
     * @returns {Promise<{bytes: number, problems: string[]}>}
     */
    store(page) {
      return new Promise((resolve) => {
        // As if it were copied between two worlds, which it is.
        const port = { postMessage: (/** @type {any} */ answer) => resolve(JSON.parse(JSON.stringify(answer))) };
        void send("message", { data: { type: "liveviz-store", page: ROOT + page }, ports: [port] });
      });
    },
  };
}

const NAVIGATE = { mode: "navigate" };

test("nothing is stored before a cell is live", async () => {
  const worker = start();
  await worker.send("install", {});
  await worker.send("activate", {});
  assert.deepEqual([worker.asked, worker.caches.names], [[], []]);
});

test("a live page brings along those that need no more than it", async () => {
  const worker = start();
  const { bytes, problems } = await worker.store("guide/plain/");
  assert.deepEqual(problems, []);
  assert.equal(bytes, "core".length + "theme".length + "index".length + "plain".length);
  assert.deepEqual(
    new Set(worker.caches.names),
    new Set(["guide/plain/index.html", "_static/theme.css?v=1", `${IMMUTABLE}core-1/core.wasm`, "index.html"]),
  );
  await worker.store("guide/plot.html");
  assert.deepEqual(new Set(worker.caches.names), new Set(Object.keys(SITE)));
});

test("what is there is not fetched again", async () => {
  const worker = start();
  await worker.store("index.html");
  const before = worker.asked.length;
  assert.deepEqual(await worker.store("index.html"), { bytes: 0, problems: [] });
  assert.equal(worker.asked.length, before);
});

test("a file that is not as it was built is not stored", async () => {
  const worker = start();
  worker.host["_static/theme.css?v=1"] = "of another deploy";
  delete worker.host[`${IMMUTABLE}core-1/core.wasm`];
  const { problems } = await worker.store("index.html");
  assert.equal(problems.length, 2);
  assert.match(problems.join("\n"), /theme\.css\?v=1 is not as it was built/);
  assert.match(problems.join("\n"), /core\.wasm answered 404/);
  assert.deepEqual(worker.caches.names, ["index.html", "guide/plain/index.html"]);
});

test("a page that is not of this deploy stores nothing", async () => {
  const worker = start();
  const { problems } = await worker.store("gone.html");
  assert.match(problems[0], /not among the live pages/);
  assert.deepEqual(worker.caches.names, []);
});

test("without room nothing stays, and the reason is told", async () => {
  const small = start({ quota: 5 });
  assert.match((await small.store("index.html")).problems[0], /are more than the 5 that/);
  assert.deepEqual([small.caches.names, small.asked], [[], []]);

  const full = start();
  full.caches.room = 2;
  const { bytes, problems } = await full.store("index.html");
  assert.equal(bytes, 0);
  assert.match(problems[0], /QuotaExceededError/);
  assert.deepEqual(full.caches.names, []);
});

test("files whose names tell their content come from the store, whatever the query and the page", async () => {
  const worker = start();
  await worker.store("index.html");
  const before = worker.asked.length;
  assert.equal(await worker.ask(`${IMMUTABLE}core-1/core.wasm?v=12`, { client: "of another deploy" }), "core");
  assert.equal(worker.asked.length, before);
  assert.equal(await worker.ask(`${IMMUTABLE}plots-1.zip`), "plots"); // not stored: from the network
});

test("what the build does not know passes by", async () => {
  const worker = start();
  await worker.store("guide/plot.html");
  const before = worker.asked.length;
  assert.equal(await worker.ask(`${IMMUTABLE}core-2/core.wasm`), undefined);
  assert.equal(await worker.ask("about.html", NAVIGATE), undefined);
  assert.equal(await worker.ask("index.html", { method: "POST" }), undefined);
  assert.equal(await worker.ask(`${IMMUTABLE}plots-1.zip`, { headers: new Headers({ Range: "bytes=0-1" }) }), undefined);
  assert.equal(worker.asked.length, before);
});

test("pages come from the network, and from the store only without one", async () => {
  const worker = start();
  await worker.store("guide/plot.html");
  worker.host["index.html"] = "newer index";
  assert.equal(await worker.ask("index.html", NAVIGATE), "newer index");
  worker.state.online = false;
  for (const name of ["index.html", "", "index.html?highlight=x#section", "index"]) {
    assert.equal(await worker.ask(name, NAVIGATE), "index", name);
  }
  for (const name of ["guide/plain/", "guide/plain", "guide/plain/index.html"]) {
    assert.equal(await worker.ask(name, NAVIGATE), "plain", name);
  }
  for (const kept of worker.caches.kept.values()) kept.clear();
  await assert.rejects(worker.ask("index.html", NAVIGATE), /Failed to fetch/);
});

test("pages of the network get their files there, those of the store get what was stored with them", async () => {
  const worker = start();
  await worker.store("guide/plot.html");
  worker.host["_images/plot.png"] = "newer picture";
  worker.host["guide/plot.html"] = "newer plot";
  await worker.ask("guide/plot.html", { ...NAVIGATE, client: "new" });
  assert.equal(await worker.ask("_images/plot.png", { client: "new" }), undefined); // passes by

  worker.state.online = false;
  await worker.ask("guide/plot.html", { ...NAVIGATE, client: "old" });
  assert.equal(await worker.ask("_images/plot.png", { client: "new" }), undefined);
  worker.state.online = true;
  assert.equal(await worker.ask("_images/plot.png", { client: "old" }), "picture");

  // What is lost of the store may come from the network if it is the same, and not otherwise.
  for (const kept of worker.caches.kept.values()) kept.clear();
  await assert.rejects(worker.ask("_images/plot.png", { client: "old" }), /is not as it was built/);
  assert.equal(await worker.ask("_static/theme.css?v=1", { client: "old" }), "theme");
});

test("a reader with a worker keeps the pages of this deploy that are visited", async () => {
  const worker = start();
  await worker.ask("guide/plot.html", NAVIGATE);
  assert.deepEqual(
    new Set(worker.caches.names),
    new Set(["guide/plot.html", "_static/theme.css?v=1", "_images/plot.png"]),
  );
  const other = start();
  other.host["guide/plot.html"] = "of another deploy";
  await other.ask("guide/plot.html", NAVIGATE);
  assert.deepEqual(other.caches.names, []);
});

test("when the store fails, the network serves", async () => {
  const worker = start();
  worker.caches.open = () => Promise.reject(new Error("broken"));
  assert.equal(await worker.ask(`${IMMUTABLE}core-1/core.wasm`), "core");
  assert.equal(await worker.ask("index.html", NAVIGATE), "index");
  assert.match((await worker.store("index.html")).problems[0], /broken/);
});

test("a new deploy takes over what is the same, and removes the old store and no other", async () => {
  const old = start();
  await old.store("guide/plot.html");
  const { caches } = old;
  const others = ["not ours", "liveviz https://docs.example/ 12", "liveviz https://docs.example/project/sub/ 12"];
  for (const name of others) await caches.open(name);

  const worker = start({ site: { ...SITE, "index.html": "newer index" }, caches });
  await worker.send("activate", {});
  assert.deepEqual(worker.asked, []);
  assert.deepEqual(new Set(caches.names), new Set([`${IMMUTABLE}core-1/core.wasm`, `${IMMUTABLE}plots-1.zip`]));
  assert.equal(caches.kept.size, others.length + 1);
  assert.deepEqual(others.filter((name) => !caches.kept.has(name)), []);
  await worker.store("index.html");
  worker.state.online = false;
  assert.equal(await worker.ask("index.html", NAVIGATE), "newer index");
});

test("the remover takes our caches and the registration, and nothing else", async () => {
  const { caches } = start();
  const others = ["not ours", "liveviz https://docs.example/ 12", "liveviz https://docs.example/project/sub/ 12"];
  for (const name of [...others, `liveviz ${ROOT} 12`, `liveviz ${ROOT} 34`]) await caches.open(name);
  const remover = start({ caches, script: REMOVER });
  await remover.send("install", {});
  await remover.send("activate", {});
  assert.deepEqual([...caches.kept.keys()], others);
  assert.equal(remover.state.unregistered, 1);
  assert.deepEqual(remover.asked, []);
});
