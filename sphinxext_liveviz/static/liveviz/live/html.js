import { isolateStyles, needsPaper } from "./styles.js";

/**
 * Put HTML into an element and run its scripts, which a browser does not do by itself for parsed fragments.
 *
 * @param {string} source
 * @param {HTMLElement} element  in the document
 * @returns {Promise<void>} fulfilled when the scripts have run; rejected when one could not be loaded
 */
export async function insertHtml(source, element) {
  const template = document.createElement("template");
  template.innerHTML = source;
  element.classList.toggle("live-paper", needsPaper(isolateStyles(template.content)));
  takeIds(template.content, element);
  element.replaceChildren(template.content);
  for (const inert of element.querySelectorAll("script")) {
    if (inert.noModule) continue; // never runs, and never says so
    if (inert.type && !/^(module|(text|application)\/(x-)?(java|ecma)script)$/i.test(inert.type)) continue;
    const running = document.createElement("script");
    for (const { name, value } of inert.attributes) running.setAttribute(name, value);
    running.text = inert.text;
    // One after another, as a parser would: inline code counts on the library above it.
    if (running.src) await loaded(inert, running);
    else run(inert, running);
  }
}

/**
 * Return JavaScript as Jupyter runs it: `element` is the element of the output.
 *
 * @param {string} code
 */
export function scriptHtml(code) {
  const inside = code.replace(/<(?=\/script|!--)/gi, "<\\"); // which would end the script, or change it
  return `<script>((element) => {\n${inside}\n})(document.currentScript.parentElement);</script>`;
}

/**
 * Return a link to a PDF.
 *
 * @param {string} content  base64 text
 * @param {string} name  what to call it
 */
export function pdfHtml(content, name) {
  const address = `data:application/pdf;base64,${content.replaceAll(/\s/g, "")}`;
  return `<a href="${address}" download="output.pdf">${name} (PDF)</a>`;
}

/** Where an id is kept that an element had to give up. */
const KEPT = "data-live-id";

/**
 * Give the ids of new content to it alone: scripts look for their elements by id, and would find those of the output
 * that is about to leave.
 *
 * @param {DocumentFragment} content
 * @param {HTMLElement} element  where it will be
 */
function takeIds(content, element) {
  const cell = element.closest(".live-cell");
  for (const { id } of content.querySelectorAll("[id]")) {
    for (const older of id ? (cell?.querySelectorAll(`.live-leaving [id="${CSS.escape(id)}"]`) ?? []) : []) {
      older.setAttribute(KEPT, id);
      older.removeAttribute("id");
    }
  }
}

/**
 * Give elements back the ids that they had before others took them.
 *
 * @param {HTMLElement} element
 */
export function restoreIds(element) {
  for (const one of element.querySelectorAll(`[${KEPT}]`)) {
    one.id = one.getAttribute(KEPT) ?? "";
    one.removeAttribute(KEPT);
  }
}

/**
 * @param {HTMLScriptElement} inert
 * @param {HTMLScriptElement} running
 */
function run(inert, running) {
  // On a page that has been parsed, what a script writes would take the place of the whole page.
  /** @type {ChildNode} */
  let last = running;
  const write = (/** @type {string[]} */ ...parts) => {
    const written = document.createElement("template");
    written.innerHTML = parts.join("");
    const nodes = Array.from(written.content.childNodes);
    last.after(...nodes);
    last = nodes.at(-1) ?? last;
  };
  Object.assign(document, { write, writeln: write });
  try {
    inert.replaceWith(running);
  } finally {
    for (const name of /** @type {const} */ (["write", "writeln"])) Reflect.deleteProperty(document, name);
  }
}

/**
 * @param {HTMLScriptElement} inert
 * @param {HTMLScriptElement} running
 * @returns {Promise<void>}
 */
function loaded(inert, running) {
  return new Promise((resolve, reject) => {
    running.addEventListener("load", () => resolve());
    running.addEventListener("error", () => reject(new Error(`${running.src} could not be loaded`)));
    inert.replaceWith(running);
  });
}
