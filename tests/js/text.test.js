import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { Terminal, attributes, plain, runs } from "../../sphinxext_liveviz/static/liveviz/live/ansi.js";
import { parts } from "../../sphinxext_liveviz/static/liveviz/live/traceback.js";

/** @type {{what: string, text: string, shown: [string, string, string][]}[]} */
const cases = JSON.parse(readFileSync(new URL("../cases/terminal.json", import.meta.url), "utf8"));

/** @param {import("../../sphinxext_liveviz/static/liveviz/live/ansi.js").Run[]} pieces */
const looks = (pieces) =>
  pieces.map(([text, style]) => {
    const { classes, properties } = attributes(style);
    return [text, classes.join(" "), Object.entries(properties).map((pair) => `${pair.join(": ")};`).join(" ")];
  });

describe("terminal output looks as in the static page", () => {
  for (const { what, text, shown } of cases) test(what, () => assert.deepEqual(looks(runs(text)[0]), shown));

  for (const { what, text, shown } of cases) {
    test(`${what}, one character after another`, () => {
      const terminal = new Terminal();
      /** @type {import("../../sphinxext_liveviz/static/liveviz/live/ansi.js").Run[]} */
      const finished = [];
      let { line } = terminal.write("");
      for (const one of text) {
        const next = terminal.write(one);
        finished.push(...next.finished);
        line = next.line;
        assert.ok(!plain(line).includes("\x1b"), "half a sequence is not shown");
      }
      const letters = (/** @type {string[][]} */ looks) =>
        looks.flatMap(([text, ...look]) => Array.from(text, (letter) => [letter, ...look]));
      assert.deepEqual(letters(looks([...finished, ...line])), letters(shown));
    });
  }

  test("a return at the end has not acted yet", () => {
    const terminal = new Terminal();
    assert.equal(plain(terminal.write("50%\r").line), "50%");
    assert.equal(plain(terminal.write("100%").line), "100%");
  });
});

describe("tracebacks", () => {
  /** @type {[line: string, classes: string][]} */
  const cases = [
    ["Traceback (most recent call last):", "gt"],
    ['  File "guide/page.rst", line 12, in <module>', " nb  m  n"],
    ['  File "guide/page.rst", line 12', " nb  m  n"],
    ["    return 1 / n", ""],
    ["           ~~^~~", " pm"],
    ["ZeroDivisionError: division by zero", "gr  n"],
    ["bokeh.core.Oops: no", "gr  n"],
    ["KeyboardInterrupt", "gr"],
    ["", ""],
  ];
  for (const [line, classes] of cases) {
    test(`the parts of ${JSON.stringify(line)}`, () => {
      const found = parts(line);
      assert.equal(found.map(([part]) => part).join(""), line, "no text is lost");
      assert.equal(found.map(([, className]) => className).join(" "), classes);
    });
  }
});
