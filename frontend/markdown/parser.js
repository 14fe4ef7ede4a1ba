// Markdown outputs: CommonMark with tables, strikethrough and formulas; raw HTML as in Jupyter. render/markdown.py does
// the same to static outputs, with a parser that was made after this one.

/** @import {RenderRule} from "markdown-it/lib/renderer.mjs" */

import MarkdownIt from "markdown-it";

const INLINE = /\$\$([^$]+)\$\$|\$(?![\s$])((?:\\[^]|[^$\\`])+)(?<!\s)\$(?!\d)/y;
const ENVIRONMENT = /^\\begin\{((?:equation|align|alignat|gather|multline|eqnarray)\*?)\}/;

/**
 * Return Markdown as HTML.
 *
 * @param {string} source
 * @param {(text: string, display: boolean) => string} math  the HTML of a formula, which comes without delimiters, but
 *   for environments
 */
export function toHtml(source, math) {
  return parser.render(source, { math });
}

const parser = new MarkdownIt("commonmark", { html: true }).enable(["table", "strikethrough"]);

parser.inline.ruler.before("escape", "math_inline", (state, silent) => {
  INLINE.lastIndex = state.pos;
  const match = INLINE.exec(state.src);
  if (!match || INLINE.lastIndex > state.posMax) return false;
  if (!silent) {
    state.push("math_inline", "math", 0).content = match[2] ?? `\\displaystyle ${match[1].trim()}`;
  }
  state.pos = INLINE.lastIndex;
  return true;
});

parser.block.ruler.before(
  "fence",
  "math_block",
  (state, begin, end, silent) => {
    if (state.sCount[begin] - state.blkIndent >= 4) return false;
    const line = (/** @type {number} */ number) =>
      state.src.slice(state.bMarks[number] + state.tShift[number], state.eMarks[number]).trimEnd();
    const environment = ENVIRONMENT.exec(line(begin));
    const opening = environment ? environment[0] : "$$";
    const closing = environment ? `\\end{${environment[1]}}` : "$$";
    if (!line(begin).startsWith(opening)) return false;
    const lines = [line(begin).slice(opening.length)];
    let last = begin;
    while (!lines.at(-1)?.endsWith(closing)) {
      last += 1;
      if (last >= end || state.isEmpty(last) || state.sCount[last] < state.blkIndent) return false;
      lines.push(line(last));
    }
    const text = lines.join("\n").slice(0, -closing.length);
    if (!text.trim() || (!environment && text.includes(closing))) return false;
    if (!silent) {
      state.line = last + 1;
      const token = state.push("math_block", "math", 0);
      token.block = true;
      token.content = environment ? `${opening}${text}${closing}` : text.trim();
      token.map = [begin, state.line];
    }
    return true;
  },
  { alt: ["paragraph", "reference", "blockquote", "list"] },
);

/** @type {RenderRule} */
const formula = (tokens, index, options, env) =>
  env.math(tokens[index].content, tokens[index].type === "math_block");

/** In the markup that Sphinx gives to literal blocks. @type {RenderRule} */
const code = (tokens, index) =>
  '<div class="highlight-none notranslate"><div class="highlight">' +
  `<pre><span></span>${parser.utils.escapeHtml(tokens[index].content)}</pre></div></div>\n`;

Object.assign(parser.renderer.rules, { math_inline: formula, math_block: formula, fence: code, code_block: code });
