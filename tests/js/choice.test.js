import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { choose } from "../../sphinxext_liveviz/static/liveviz/live/mime.js";

/** @type {{data: Record<string, unknown>, shown: string | null}[]} */
const cases = JSON.parse(readFileSync(new URL("../cases/choice.json", import.meta.url), "utf8"));

describe("a live page shows what a static one does", () => {
  globalThis.liveviz = /** @type {any} */ ({ canDraw: (/** @type {string} */ mime) => mime.includes("vega") });
  for (const { data, shown } of cases) {
    test(Object.keys(data).join(" "), () => assert.equal(choose(data)?.mime ?? null, shown));
  }
});
