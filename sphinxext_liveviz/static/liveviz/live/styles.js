// What render/styles.py does to static outputs: style sheets of an output hold for the output alone.

const TOKEN =
  /\/\*[^]*?(?:\*\/|$)|"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?|\\[^]|<!--|-->|[{};]|[^{};"'\\/<-]+|[^]/g;
const ROOT = /(?<![\w#.:\[="'-])(?:(?:html|:root)(?:\s*>\s*|\s+)body|html|body|:root)(?![\w-])/gi;
const BACKGROUND = /(?<![\w-])background(?:-color)?\s*:\s*(?!none|transparent|inherit|initial|unset|\s)/i;
const COLOUR = /(?<![\w-])color\s*:/i;

/**
 * Put the style sheets of an output in front, scoped to the element that it will be in.
 *
 * @param {DocumentFragment} content
 * @returns {string} its style sheets
 */
export function isolateStyles(content) {
  const sheets = Array.from(content.querySelectorAll("style")).filter(
    (style) => ["", "text/css"].includes(style.getAttribute("type") ?? "") && !style.closest("noscript"),
  );
  const css = sheets.map((style) => style.textContent ?? "");
  const moved = sheets.map((style, index) => {
    // Of its own: one in a drawing is no style sheet elsewhere.
    const own = document.createElement("style");
    for (const { name, value } of style.attributes) own.setAttribute(name, value);
    own.textContent = scoped(css[index]);
    style.remove();
    return own;
  });
  content.prepend(...moved.flatMap((style) => [style, "\n"]));
  return css.join("\n");
}

/**
 * Return a style sheet whose rules hold below the parent of its element only. What it says of `html`, `body` and
 * `:root` holds for that parent.
 *
 * @param {string} css
 */
export function scoped(css) {
  let done = "";
  let pending = "";
  let depth = 0;
  for (const [token] of css.matchAll(TOKEN)) {
    if (token === "<!--" || token === "-->") continue;
    if (token === "}") {
      if (!depth) continue; // it would end the scope
      depth -= 1;
    } else if (token === "{") {
      depth += 1;
      if (!pending.trimStart().startsWith("@")) pending = pending.replace(ROOT, ":scope");
    }
    pending += token;
    if (token === "{" || token === "}" || token === ";") {
      done += pending;
      pending = "";
    }
  }
  return `@scope {\n${done}${pending}\n}`;
}

/**
 * Whether a style sheet has backgrounds and no colours of text: then it counts on dark text.
 *
 * @param {string} css
 */
export function needsPaper(css) {
  return BACKGROUND.test(css) && !COLOUR.test(css);
}
