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
