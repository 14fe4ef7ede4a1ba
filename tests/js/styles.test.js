import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { needsPaper, scoped } from "../../sphinxext_liveviz/static/liveviz/live/styles.js";

/** @type {{what: string, css: string, scoped: string, paper: boolean}[]} */
const cases = JSON.parse(readFileSync(new URL("../cases/styles.json", import.meta.url), "utf8"));

describe("style sheets of live outputs are those of static ones", () => {
  for (const { what, css, ...expected } of cases) {
    test(what, () => assert.deepEqual({ scoped: scoped(css), paper: needsPaper(css) }, expected));
  }
});
