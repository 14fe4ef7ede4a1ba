import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Session } from "../../sphinxext_liveviz/static/liveviz/live/session.js";
import { deferred, turn } from "./fake-kernel.js";

/** What happened, in order. @type {string[]} */
let log;
/** How each cell ends, by id: true unless told. @type {Record<string, boolean | Promise<boolean>>} */
let ends;
/** @type {any[]} */
let runtimes;
/** @type {Record<string, () => void>} */
let retries;

beforeEach(() => {
  [log, ends, runtimes, retries] = [[], {}, [], {}];
});

/** @param {string} id */
function fakeCell(id) {
  return {
    id,
    number: Number(id.slice(1)),
    wait: () => void log.push(`${id} waits`),
    starting: (/** @type {any} */ progress) => void log.push(`${id} starts ${progress?.step ?? "Python"}`),
    async execute() {
      log.push(`${id} runs`);
      return ends[id] ?? true;
    },
    restore: () => void log.push(`${id} restored`),
    fail(/** @type {any} */ error, /** @type {() => void} */ retry) {
      log.push(`${id} failed: ${error.message}`);
      retries[id] = retry;
    },
    complain: (/** @type {any} */ failure) => void log.push(`${id} complains: ${failure.message}`),
    skip: (/** @type {string} */ reason) => void log.push(`${id} skipped: ${reason}`),
  };
}

function fakeRuntime() {
  const start = deferred();
  /** @type {any} */
  const runtime = {
    kernel: {},
    ready: start.promise,
    start,
    progress: null,
    onProgress() {},
    onDeath() {},
    onComplaint() {},
    dispose: () => void log.push("Python ends"),
  };
  runtimes.push(runtime);
  return runtime;
}

/** @param {boolean} [ready]  whether Python starts by itself */
function session(ready = true) {
  const cells = ["c1", "c2", "c3"].map(fakeCell);
  return new Session(cells, async () => {
    const runtime = fakeRuntime();
    if (ready) runtime.start.resolve();
    return runtime;
  });
}

/** The executions so far. */
const runs = () => log.filter((line) => line.endsWith(" runs")).map((line) => line.split(" ")[0]);

describe("the order", () => {
  test("a cell runs after those above it that have not run", async () => {
    const page = session();
    page.run("c2");
    await turn();
    assert.deepEqual(runs(), ["c1", "c2"]);
    page.run("c3");
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c3"]);
    assert.equal(runtimes.length, 1);
  });

  test("a finished cell that is run again runs alone", async () => {
    const page = session();
    page.run("c3");
    await turn();
    page.run("c2");
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c3", "c2"]);
  });

  test("further requests wait for their turn, and one is not queued twice", async () => {
    const page = session();
    const first = deferred();
    ends.c1 = first.promise;
    page.run("c1");
    await turn();
    page.run("c3");
    page.run("c3");
    page.run("c1");
    assert.deepEqual(runs(), ["c1"]);
    first.resolve(true);
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c3"]);
  });

  test("a cell that fails stops what waits, which is told why", async () => {
    const page = session();
    const second = deferred();
    ends.c2 = second.promise;
    page.run("c3");
    await turn();
    page.run("c1");
    second.resolve(false);
    await turn();
    assert.deepEqual(runs(), ["c1", "c2"]);
    assert.deepEqual(log.slice(-2), ["c3 skipped: Not run: cell 2 failed", "c1 skipped: Not run: cell 2 failed"]);
    ends.c2 = true;
    page.run("c3");
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c2", "c3"]);
  });

  test("a cell of another page, or one that is not live, is refused", () => {
    assert.throws(() => session().run("c9"), /no live cell c9/);
  });
});

describe("the start", () => {
  test("its progress is shown in the cell that asked, and all others wait", async () => {
    const page = session(false);
    page.run("c2");
    await turn();
    runtimes[0].onProgress({ type: "progress", step: "core", loaded: 0, total: 0 });
    page.run("c3");
    assert.deepEqual(log, ["c2 waits", "c1 waits", "c2 waits", "c2 starts Python", "c2 starts core", "c3 waits"]);
    runtimes[0].start.resolve();
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c3"]);
  });

  test("its failure restores every cell, is shown where it was asked for, and can be tried again", async () => {
    const page = session(false);
    page.run("c2");
    page.run("c3");
    runtimes[0].start.reject(new Error("no wasm"));
    await turn();
    assert.deepEqual(log.slice(-5), ["Python ends", "c1 restored", "c2 restored", "c3 restored", "c2 failed: no wasm"]);
    assert.deepEqual(runs(), []);
    retries.c2();
    runtimes[1].start.resolve();
    await turn();
    assert.deepEqual(runs(), ["c1", "c2"]);
  });
});

describe("a start ahead", () => {
  test("is what the first request gets, with how far it has come", async () => {
    const page = session(false);
    page.prepare();
    page.prepare();
    await turn();
    assert.deepEqual(log, []);
    runtimes[0].progress = { type: "progress", step: "core", loaded: 1, total: 2 };
    page.run("c1");
    await turn();
    assert.deepEqual(log, ["c1 waits", "c1 waits", "c1 starts Python", "c1 starts core"]);
    runtimes[0].start.resolve();
    await turn();
    page.prepare();
    assert.deepEqual([runs(), runtimes.length], [["c1"], 1]);
  });

  test("that failed before anybody asked is as if it had not been", async () => {
    const page = session(false);
    page.prepare();
    runtimes[0].start.reject(new Error("no network"));
    await turn();
    page.run("c1");
    runtimes[1].start.resolve();
    await turn();
    assert.deepEqual(log, ["c1 waits", "c1 waits", "c1 starts Python", "c1 runs"]);
  });

  test("that ended before anybody asked is as if it had not been", async () => {
    const page = session();
    page.prepare();
    await turn();
    runtimes[0].onDeath(new Error("out of memory"));
    page.run("c1");
    await turn();
    assert.deepEqual(log, ["c1 waits", "c1 waits", "c1 starts Python", "c1 runs"]);
    assert.equal(runtimes.length, 2);
  });

  test("that fails while a cell waits for it is a failure like any other, and is not begun again unasked", async () => {
    const page = session(false);
    page.prepare();
    page.run("c1");
    runtimes[0].start.reject(new Error("no wasm"));
    await turn();
    assert.equal(log.at(-1), "c1 failed: no wasm");
    page.prepare();
    assert.equal(runtimes.length, 1);
  });
});

describe("the end of Python", () => {
  test("while a cell runs, it is shown there, and everything runs anew afterwards", async () => {
    const page = session();
    page.run("c1");
    await turn();
    const second = deferred();
    ends.c2 = second.promise;
    page.run("c3");
    await turn();
    runtimes[0].onDeath(new Error("crashed"));
    second.reject(new Error("crashed"));
    await turn();
    assert.deepEqual(
      log.filter((line) => line.includes("failed")),
      ["c2 failed: crashed"],
    );
    ends.c2 = true;
    retries.c2();
    await turn();
    assert.deepEqual(runs(), ["c1", "c2", "c1", "c2"]);
    assert.equal(runtimes.length, 2);
  });

  test("between runs, it is shown at the cell that ran last", async () => {
    const page = session();
    page.run("c2");
    await turn();
    runtimes[0].onDeath(new Error("out of memory"));
    assert.equal(log.at(-1), "c2 failed: out of memory");
    assert.ok(log.includes("c1 restored"));
  });

  test("an error that Python survives is shown and changes nothing else", async () => {
    const page = session();
    page.run("c1");
    await turn();
    runtimes[0].onComplaint({ message: "unhandled" });
    assert.equal(log.at(-1), "c1 complains: unhandled");
    page.run("c2");
    await turn();
    assert.deepEqual(runs(), ["c1", "c2"]);
  });
});
