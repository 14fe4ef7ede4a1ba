import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { turn } from "./fake-kernel.js";

const SOURCE = new URL("../../sphinxext_liveviz/static/liveviz/liveviz.js", import.meta.url);

/** An output of a page, with the data that a script of the page may draw. */
class Block {
  style = {};
  /** @type {string[]} */
  notes = [];

  /** @param {string} mime @param {unknown} data */
  constructor(mime, data) {
    /** @type {Record<string, string>} */
    this.dataset = { mime };
    this.data = { textContent: JSON.stringify(data), getAttribute: () => null };
  }

  getAttribute() {
    return this.dataset.mime;
  }

  querySelector() {
    return this.data;
  }

  /** @param {{textContent: string}} element */
  append({ textContent }) {
    if (textContent) this.notes.push(textContent);
  }
}

/**
 * Run liveviz.js in a page without cells' elements and return the global that it makes.
 *
 * @param {Record<string, string>} assets
 * @param {string} [baseURI]
 * @param {object} [more]  of the document
 * @returns {import("../../sphinxext_liveviz/static/liveviz/live/protocol.js").Page}
 */
function load(assets, baseURI = "https://docs.example/guide/page.html", more = {}) {
  const manifest = { schema: 1, pyodide: null, assets, scripts: [], cells: [], drawers: DRAWERS };
  const document = {
    currentScript: { src: "https://docs.example/_static/liveviz/liveviz.js?v=1234" },
    readyState: "interactive",
    baseURI,
    getElementById: () => ({ textContent: JSON.stringify(manifest) }),
    querySelectorAll: () => [],
    ...more,
  };
  /** @type {any} */
  const context = { document, URL, HTMLElement: Block, console: { error() {} }, addEventListener() {} };
  runInNewContext(readFileSync(SOURCE, "utf8"), context);
  return context.liveviz;
}

const DRAWERS = { "/s/one.js": "x/one", "/s/two.js": "x/two" };
const ASSETS = {
  "https://cdn.example/bokeh/": "../_static/liveviz/assets/bokeh-1/",
  "https://cdn.example/panel/1/dist/": "../_static/liveviz/assets/panel-1/",
  "https://cdn.example/panel/1/dist/bundled/": "../_static/elsewhere/",
};

test("library addresses become absolute addresses of the site's copies", () => {
  const text = JSON.stringify({ js: ["https://cdn.example/bokeh/b.min.js", "https://cdn.example/panel/1/dist/p.js"] });
  assert.deepEqual(JSON.parse(load(ASSETS).localise(text)), {
    js: [
      "https://docs.example/_static/liveviz/assets/bokeh-1/b.min.js",
      "https://docs.example/_static/liveviz/assets/panel-1/p.js",
    ],
  });
});

test("the longest prefix wins, and nothing is replaced twice", () => {
  const { localise } = load({ ...ASSETS, "https://docs.example/": "wrong/" });
  assert.equal(
    localise("https://cdn.example/panel/1/dist/bundled/x.css"),
    "https://docs.example/_static/elsewhere/x.css",
  );
});

test("a prefix is text, not a pattern", () => {
  assert.equal(load(ASSETS).localise("https://cdnXexample/bokeh/"), "https://cdnXexample/bokeh/");
});

test("without copies a text stays as it is", () => {
  assert.equal(load({}).localise("https://cdn.example/bokeh/b.js"), "https://cdn.example/bokeh/b.js");
});

test("on a page from disk the copies are files", () => {
  const { localise } = load(ASSETS, "file:///home/reader/site/guide/page.html");
  assert.equal(
    localise("https://cdn.example/bokeh/b.js"),
    "file:///home/reader/site/_static/liveviz/assets/bokeh-1/b.js",
  );
});

/**
 * A page into which files are loaded.
 *
 * @param {string[]} [present]  URLs of scripts that are there
 */
function loading(present = []) {
  /** @type {any[]} */
  const added = [];
  const create = (/** @type {string} */ tag) => {
    /** @type {Record<string, () => void>} */
    const listeners = {};
    return {
      tag,
      addEventListener: (/** @type {string} */ type, /** @type {() => void} */ listener) => (listeners[type] = listener),
      remove() {},
      end: (/** @type {string} */ type) => listeners[type](),
    };
  };
  const page = load(ASSETS, undefined, {
    readyState: "complete",
    querySelectorAll: (/** @type {string} */ selector) =>
      selector.startsWith("script") ? present.map((src) => ({ src })) : [],
    createElement: create,
    head: { append: (/** @type {any} */ element) => void added.push(element) },
  });
  const names = () => added.map(({ src, href }) => (src ?? href).split("/").at(-1));
  return { ensure: page.ensure, added, names };
}

test("scripts are fetched at the same time and run in order, style sheets beside them", async () => {
  const { ensure, added, names } = loading();
  const done = ensure({ js: ["/s/one.js", "/s/two.js"], css: ["/s/a.css"] });
  assert.deepEqual(names(), ["one.js", "two.js", "a.css"]);
  assert.deepEqual(
    added.map(({ async }) => async),
    [false, false, undefined],
  );
  for (const element of added) element.end("load");
  await done;
});

test("a script that the page has, under whatever query or from its public address, is not loaded again", async () => {
  const { ensure, names } = loading(["https://docs.example/s/own.js?v=1234", "https://cdn.example/bokeh/b.js"]);
  await ensure({ js: ["../s/own.js", "../_static/liveviz/assets/bokeh-1/b.js?v=2"] });
  assert.deepEqual(names(), []);
});

test("two outputs that need the same script share it, and both wait for it", async () => {
  const { ensure, added, names } = loading();
  const first = ensure({ js: ["/one.js"] });
  const second = ensure({ js: ["/one.js?v=2", "/two.js"] });
  assert.deepEqual(names(), ["one.js", "two.js"]);
  added[1].end("load");
  assert.equal(await Promise.race([second, turn().then(() => "waits")]), "waits");
  added[0].end("load");
  await Promise.all([first, second]);
});

test("what cannot be loaded is named, and tried again the next time with all that ran without it", async () => {
  const { ensure, added, names } = loading();
  const js = ["/one.js", "/two.js", "/three.js"];
  const first = ensure({ js });
  for (const [index, end] of ["load", "error", "load"].entries()) added[index].end(end);
  await assert.rejects(first, /\/two\.js could not be loaded/);
  added.length = 0;
  const second = ensure({ js });
  assert.deepEqual(names(), ["two.js", "three.js"]);
  for (const element of added) element.end("load");
  await second;
});

test("nothing to load is no wait", async () => {
  const { ensure } = loading();
  await ensure(undefined);
  await ensure({});
});

test("an output that is never drawn keeps no other one from it, and HTML's own data are nobody's", async () => {
  const blocks = [new Block("x/one", 1), new Block("text/html", { a: 1 }), new Block("x/two", 2), new Block("x/two", 3)];
  const page = load({}, undefined, {
    readyState: "complete",
    querySelectorAll: (/** @type {string} */ selector) => (selector.startsWith(".live-mime") ? blocks : []),
    createElement: () => ({ addEventListener: (/** @type {string} */ _, /** @type {() => void} */ end) => end() }),
    head: { append() {} },
  });
  page.drawers.one = () => new Promise(() => {});
  page.drawers.two = async ({ data }) => {
    if (data === 3) throw new Error("three");
    return { dispose() {} };
  };
  await turn();
  assert.deepEqual(
    blocks.map(({ dataset }) => dataset.status),
    [undefined, undefined, "rendered", "failed"],
  );
  assert.deepEqual(
    blocks.map(({ notes }) => notes.length),
    [0, 0, 0, 1],
  );
});
