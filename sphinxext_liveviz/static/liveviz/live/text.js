/**
 * Return preformatted text in the markup that Sphinx gives to literal blocks, so that themes style both alike.
 *
 * @param {string | Node} content
 * @param {string} [language]
 */
export function literal(content, language = "none") {
  const outer = document.createElement("div");
  outer.className = `highlight-${language} notranslate`;
  const inner = document.createElement("div");
  inner.className = "highlight";
  const pre = document.createElement("pre");
  pre.append(content);
  inner.append(pre);
  outer.append(inner);
  return outer;
}

const ESCAPES = new RegExp(
  "\x1b(?:" +
    "\\[[0-?]*[ -/]*[@-~]" + // colours, cursor movements
    "|\\].*?(?:\x07|\x1b\\\\)" + // titles, links
    "|[@-Z\\\\-_])",
  "gs",
);

/**
 * Return what a terminal would show: no escape sequences, and of a line that was overwritten, as progress bars do, only
 * its last state.
 *
 * @param {string} text
 * @returns {string} a carriage return at the very end is kept: it acts when the next text comes
 */
export function printed(text) {
  return text
    .replace(ESCAPES, "")
    .replaceAll("\r\n", "\n")
    .replace(/[^\n]*\r(?=[^\n])/g, "");
}
