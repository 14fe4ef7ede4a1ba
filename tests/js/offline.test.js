import assert from "node:assert/strict";
import { test } from "node:test";

import { storeForOffline } from "../../sphinxext_liveviz/static/liveviz/live/offline.js";

const ANSWER = { bytes: 1, problems: [] };

/** @param {any} registration */
function container(registration) {
  /** @type {string[]} */
  const registered = [];
  const register = async (/** @type {string} */ script) => {
    registered.push(script);
    if (registration instanceof Error) throw registration;
    return registration;
  };
  return /** @type {any} */ ({ registered, register, ready: Promise.resolve() });
}

/** A worker that answers. */
function answering() {
  /** @type {any[]} */
  const asked = [];
  const postMessage = (/** @type {any} */ question, /** @type {MessagePort[]} */ [port]) => {
    asked.push(question);
    port.postMessage(ANSWER);
    port.close();
  };
  return { asked, postMessage };
}

test.before(() => Object.assign(globalThis, { location: { href: "https://docs.example/page.html" } }));

test("the worker is told which page is live, and says what it has stored", async () => {
  const active = answering();
  const workers = container({ active, waiting: null });
  assert.deepEqual(await storeForOffline("https://docs.example/sw.js", workers), ANSWER);
  assert.deepEqual(workers.registered, ["https://docs.example/sw.js"]);
  assert.deepEqual(active.asked, [{ type: "liveviz-store", page: "https://docs.example/page.html" }]);
});

test("of two deploys, the newer one is asked", async () => {
  const [active, waiting] = [answering(), answering()];
  await storeForOffline("sw.js", container({ active, waiting }));
  assert.deepEqual([active.asked.length, waiting.asked.length], [0, 1]);
});

test("nothing that goes wrong is more than a line in the debug log", async () => {
  for (const one of [undefined, container(new Error("refused")), container({ active: null, waiting: null })]) {
    assert.equal(await storeForOffline("sw.js", one), null);
  }
});
