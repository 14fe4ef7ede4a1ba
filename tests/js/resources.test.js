import assert from "node:assert/strict";
import { test } from "node:test";

import { ensure } from "../../sphinxext_liveviz/static/liveviz/live/resources.js";
import { turn } from "./fake-kernel.js";

/**
 * As much of a document as loading needs; each test takes a host of its own, since pages are not reloaded here.
 *
 * @param {string} host
 * @param {string[]} present  URLs of scripts that are there
 */
function fakePage(host, present = []) {
  /** @type {any[]} */
  const added = [];
  const page = {
    baseURI: `https://${host}/guide/page.html`,
    scripts: present.map((src) => ({ src })),
    querySelectorAll: () => [],
    createElement: (/** @type {string} */ tag) => {
      /** @type {Record<string, () => void>} */
      const listeners = {};
      return {
        tag,
        addEventListener: (/** @type {string} */ type, /** @type {() => void} */ listener) =>
          (listeners[type] = listener),
        remove() {},
        end: (/** @type {string} */ type) => listeners[type](),
      };
    },
    head: { append: (/** @type {any} */ element) => void added.push(element) },
  };
  const names = () => added.map(({ src, href }) => (src ?? href).split("/").at(-1));
  return { page: /** @type {any} */ (page), added, names };
}

test("scripts load one after another, in order, and style sheets beside them", async () => {
  const { page, added, names } = fakePage("order.example");
  const done = ensure({ js: ["/s/one.js", "/s/two.js"], css: ["/s/a.css"] }, page);
  await turn();
  assert.deepEqual(names().sort(), ["a.css", "one.js"]);
  for (const element of added) element.end("load");
  await turn();
  assert.deepEqual(names().at(-1), "two.js");
  added.at(-1).end("load");
  await done;
});

test("a script that the page has, under whatever query, is not loaded again", async () => {
  const { page, names } = fakePage("present.example", ["https://present.example/s/bokeh.js?v=1234"]);
  await ensure({ js: ["../s/bokeh.js"] }, page);
  assert.deepEqual(names(), []);
});

test("two outputs that need the same script share it", async () => {
  const { page, added, names } = fakePage("share.example");
  const both = Promise.all([ensure({ js: ["/one.js"] }, page), ensure({ js: ["/one.js?v=2", "/two.js"] }, page)]);
  await turn();
  assert.deepEqual(names(), ["one.js"]);
  added[0].end("load");
  await turn();
  assert.deepEqual(names(), ["one.js", "two.js"]);
  added[1].end("load");
  await both;
});

test("what cannot be loaded is named, and tried again the next time", async () => {
  const { page, added, names } = fakePage("broken.example");
  const first = ensure({ js: ["/one.js"] }, page);
  await turn();
  added[0].end("error");
  await assert.rejects(first, /\/one\.js could not be loaded/);
  const second = ensure({ js: ["/one.js"] }, page);
  await turn();
  assert.deepEqual(names(), ["one.js", "one.js"]);
  added[1].end("load");
  await second;
});

test("nothing to load is no wait", async () => {
  await ensure(undefined, fakePage("nothing.example").page);
  await ensure({}, fakePage("nothing.example").page);
});
