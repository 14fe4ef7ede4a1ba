import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";

import { closure } from "../../sphinxext_liveviz/static/liveviz/live/packages.js";
import { Downloads } from "../../sphinxext_liveviz/static/liveviz/live/downloads.js";
import { deferred, turn } from "./fake-kernel.js";

const BASE = "https://docs.example/_static/";

/**
 * A `fetch` that answers from a table.
 *
 * @param {Record<string, Response | (() => Response | Promise<Response>)>} files  by name
 */
function server(files) {
  return mock.fn(async (/** @type {any} */ input, /** @type {RequestInit | undefined} */ init) => {
    const file = files[String(input).slice(BASE.length)];
    if (!file) throw new TypeError("Failed to fetch");
    return typeof file === "function" ? file() : file;
  });
}

/**
 * @param {string} text
 * @param {Record<string, string>} [headers]
 */
const body = (text, headers) => new Response(text, { headers: { "Content-Length": String(text.length), ...headers } });

describe("downloads", () => {
  test("bytes are counted, and the reader still gets them", async () => {
    const report = mock.fn();
    const downloads = new Downloads(server({ a: body("0123456789") }), report);
    assert.equal(await (await downloads.fetch(`${BASE}a`)).text(), "0123456789");
    await turn();
    assert.equal(downloads.loaded, 10);
    assert.equal(downloads.total, 10);
    assert.deepEqual(report.mock.calls.at(-1)?.arguments, [`${BASE}a`]);
  });

  test("the size of a compressed transfer is not taken for that of its bytes", async () => {
    const downloads = new Downloads(
      server({ a: body("0123456789", { "Content-Encoding": "gzip", "Content-Length": "3" }) }),
      () => {},
    );
    await (await downloads.fetch(`${BASE}a`)).text();
    await turn();
    assert.equal(downloads.loaded, 10);
    assert.equal(downloads.total, 10);
  });

  test("what was begun ahead is handed over once, and not fetched again", async () => {
    const fetch = server({ a: () => body("a") });
    const downloads = new Downloads(fetch, () => {});
    void downloads.ahead(`${BASE}a`);
    assert.equal(await (await downloads.fetch(`${BASE}a`)).text(), "a");
    assert.equal(fetch.mock.callCount(), 1);
    await downloads.fetch(`${BASE}a`);
    assert.equal(fetch.mock.callCount(), 2);
  });

  test("a queue is fetched a few at a time, without what was asked for before its turn", async () => {
    /** @type {Record<string, ReturnType<typeof deferred>>} */
    const gates = {};
    const names = ["a", "b", "c", "d"];
    const fetch = server(Object.fromEntries(names.map((name) => [name, () => (gates[name] = deferred()).promise])));
    const downloads = new Downloads(fetch, () => {}, 2);
    const all = downloads.aheadInTurn(names.map((name) => ({ url: BASE + name })));
    assert.deepEqual(Object.keys(gates), ["a", "b"]);
    void downloads.fetch(`${BASE}c`);
    assert.deepEqual(Object.keys(gates), ["a", "b", "c"]);
    gates.b.resolve(body("b"));
    await turn();
    assert.deepEqual(Object.keys(gates), ["a", "b", "c", "d"]);
    for (const name of names) gates[name].resolve(body(name));
    await all;
    assert.equal(fetch.mock.callCount(), 4);
  });

  test("WebAssembly of a host that does not know it can be compiled on the way", async () => {
    const downloads = new Downloads(
      server({ "a.wasm": body("x"), "b.wasm": body("y", { "Content-Type": "application/wasm" }) }),
      () => {},
    );
    for (const name of ["a.wasm", "b.wasm"]) {
      assert.equal((await downloads.fetch(BASE + name)).headers.get("Content-Type"), "application/wasm");
    }
  });
});

describe("what cannot be had", () => {
  /** @type {[what: string, files: Record<string, Response>, integrity: string | undefined, message: RegExp][]} */
  const cases = [
    [
      "a missing file",
      { a: new Response("", { status: 404, statusText: "Not Found" }) },
      undefined,
      /a answered 404 Not Found$/,
    ],
    ["an unreachable host", {}, undefined, /a could not be fetched \(TypeError: Failed to fetch\)$/],
    ["an unreachable host, with a hash", {}, "sha256-x", /a could not be fetched \(TypeError: Failed to fetch\)$/],
  ];
  for (const [what, files, integrity, message] of cases) {
    test(`${what} is named`, async () => {
      const downloads = new Downloads(server(files), () => {});
      const failed = downloads.failureOf([`${BASE}a`]);
      await assert.rejects(downloads.fetch(`${BASE}a`, { integrity }), { name: "DownloadError", message });
      await assert.rejects(failed, { message });
      await assert.rejects(downloads.failureOf([`${BASE}a`]), { message });
      assert.match(String(downloads.failure(`${BASE}a`)?.message), message);
      assert.equal(downloads.failure(`${BASE}b`), undefined);
    });
  }

  test("a wrong hash and a missing file, which browsers report alike, are told apart", async () => {
    for (const [status, message] of /** @type {const} */ ([
      [200, /its sha256 is another$/],
      [404, /answered 404$/],
    ])) {
      const fetch = mock.fn(async (/** @type {any} */ url, /** @type {any} */ init) => {
        if (init.method === "HEAD") return new Response(null, { status });
        throw new TypeError("Failed to fetch");
      });
      const downloads = new Downloads(fetch, () => {});
      await assert.rejects(downloads.fetch(`${BASE}a`, { integrity: "sha256-x" }), { message });
    }
  });

  test("a transfer that breaks off is named", async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError("network error"));
      },
    });
    const downloads = new Downloads(server({ a: new Response(broken) }), () => {});
    const failed = downloads.failureOf([`${BASE}a`]);
    const response = await downloads.fetch(`${BASE}a`);
    await assert.rejects(response.text());
    await assert.rejects(failed, /a broke off after 0 bytes/);
  });
});

describe("the packages of a lock", () => {
  /** @param {string[]} depends */
  const entry = (...depends) => ({ name: "", file_name: "", sha256: "", depends });

  test("dependencies come first, each once, and a circle does no harm", () => {
    const locked = { app: entry("lib", "base"), lib: entry("base", "app"), base: entry(), other: entry() };
    const found = closure(["app"], locked);
    assert.deepEqual(found, [locked.base, locked.lib, locked.app]);
  });

  test("one that is missing is named", () => {
    assert.throws(() => closure(["app"], { app: entry("gone") }), /The package gone is not in the page's lock/);
  });
});
