// Widgets without Python: their models are in the page.

import { Manager } from "./manager.js";

const STATE = "application/vnd.jupyter.widget-state+json";

/** By the name of the document: pages of several have as many states. @type {Map<string, Promise<Manager>>} */
const managers = new Map();

/** @param {Element} element  in the output that shows a widget */
export function savedManager(element) {
  const name = documentAround(element);
  let manager = managers.get(name);
  if (!manager) managers.set(name, (manager = restore(name)));
  return manager;
}

/** @param {string} name */
async function restore(name) {
  const state = document.querySelector(`script[type="${STATE}"][data-document="${CSS.escape(name)}"]`);
  if (!state) throw new Error("the page has no state of its widgets");
  const manager = new Manager((model, view) => {
    // The build has shown the outputs, as those of cells, next to the cell's; they move to where they belong.
    const selector = `.live-captured[data-document="${CSS.escape(name)}"][data-model="${CSS.escape(model.model_id)}"]`;
    const outputs = document.querySelector(selector);
    if (outputs instanceof HTMLElement) {
      view.el.append(outputs);
      outputs.hidden = false;
    }
    return { update: () => {}, dispose: () => {} };
  });
  await manager.set_state(JSON.parse(liveviz.localise(state.textContent ?? "")));
  return manager;
}

/**
 * @param {Element} element
 * @returns {string} name of the document that its page, or this part of it, was made of
 */
function documentAround(element) {
  const found = element.closest("[data-document]");
  const root = element.getRootNode();
  if (found instanceof HTMLElement) return found.dataset.document ?? "";
  if (root instanceof ShadowRoot) return documentAround(root.host);
  throw new Error("the page has no state of its widgets");
}
