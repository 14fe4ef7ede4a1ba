import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { printed } from "../../sphinxext_liveviz/static/liveviz/live/text.js";
import { parts } from "../../sphinxext_liveviz/static/liveviz/live/traceback.js";

describe("printed text", () => {
  /** @type {[what: string, text: string, shown: string][]} */
  const cases = [
    ["plain text stays", "a\nb\n", "a\nb\n"],
    ["a progress bar shows its last state", "\r 1%\r 50%\r100%\ndone\n", "100%\ndone\n"],
    ["only the line with the return is overwritten", "kept\nold\rnew\nkept too", "kept\nnew\nkept too"],
    ["a return at the end has not acted yet", "half\r", "half\r"],
    ["Windows line ends are line ends", "a\r\nb\r\n", "a\nb\n"],
    ["colours and cursor movements are left out", "\x1b[1;31mred\x1b[0m\x1b[2K!", "red!"],
    ["titles and links are left out", "\x1b]0;title\x07a\x1b]8;;https://x\x1b\\b", "ab"],
  ];
  for (const [what, text, shown] of cases) test(what, () => assert.equal(printed(text), shown));
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
