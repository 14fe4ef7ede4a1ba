// JSON as a tree of <details>, as render/json_tree.py makes it for static outputs.

/** Values that are shown; of a larger one the rest is counted. */
const MOST = 5000;

/**
 * Return an element that shows a JSON value.
 *
 * @param {unknown} value
 * @param {{expanded?: boolean, root?: string}} metadata  `expanded`: whether all of the tree is open, or none; by
 *   default its first level. `root`: what to call it.
 */
export function jsonTree(value, { expanded, root }) {
  let shown = 0;
  const outer = make("div", "live-json");
  outer.append(node(root ? String(root) : "", value, 0));
  return outer;

  /**
   * @param {string} key
   * @param {unknown} value
   * @param {number} depth
   * @returns {HTMLElement}
   */
  function node(key, value, depth) {
    shown += 1;
    const name = key ? [make("span", "live-json-key", key), ": "] : [];
    const items = value && typeof value === "object" ? Object.entries(value) : [];
    if (!value || typeof value !== "object" || !items.length) {
      const element = document.createElement("div");
      element.append(...name, leaf(value));
      return element;
    }
    const [brackets, word] = Array.isArray(value) ? ["[…]", "item"] : ["{…}", "key"];
    const summary = document.createElement("summary");
    const count = `${brackets} ${items.length} ${word}${items.length === 1 ? "" : "s"}`;
    summary.append(...name, make("span", "live-json-size", count));
    const details = document.createElement("details");
    details.open = expanded ?? depth === 0;
    details.append(summary);
    let left = items.length;
    for (const [inner, one] of items) {
      if (shown >= MOST) break;
      details.append(node(inner, one, depth + 1));
      left -= 1;
    }
    if (left) details.append(make("div", "live-json-size", `${left} more, not shown here`));
    return details;
  }
}

/** @param {unknown} value */
function leaf(value) {
  const kind = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "constant";
  return make("span", `live-json-${kind}`, JSON.stringify(value));
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
