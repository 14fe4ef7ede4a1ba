import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { toHtml } from "../../frontend/markdown/parser.js";

/** @type {{markdown: string, html: string}[]} */
const cases = JSON.parse(readFileSync(new URL("../cases/markdown.json", import.meta.url), "utf8"));

describe("Markdown of live outputs is that of static ones", () => {
  for (const { markdown, html } of cases) {
    test(JSON.stringify(markdown.slice(0, 40)), () => assert.equal(toHtml(markdown, (text) => `[${text}]`), html));
  }
});
