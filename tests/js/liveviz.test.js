import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const SOURCE = new URL("../../sphinxext_liveviz/static/liveviz/liveviz.js", import.meta.url);

/**
 * Run liveviz.js in a page without cells' elements and return the global that it makes.
 *
 * @param {Record<string, string>} assets
 * @param {string} [baseURI]
 * @returns {import("../../sphinxext_liveviz/static/liveviz/live/protocol.js").Page}
 */
function load(assets, baseURI = "https://docs.example/guide/page.html") {
  const manifest = { schema: 1, pyodide: null, assets, cells: [] };
  const document = {
    currentScript: { src: "https://docs.example/_static/liveviz/liveviz.js?v=1234" },
    readyState: "interactive",
    baseURI,
    getElementById: () => ({ textContent: JSON.stringify(manifest) }),
    querySelectorAll: () => [],
  };
  /** @type {any} */
  const context = { document, URL };
  runInNewContext(readFileSync(SOURCE, "utf8"), context);
  return context.liveviz;
}

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
