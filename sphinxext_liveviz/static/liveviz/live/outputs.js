/** @import {Page} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */
/** @import {Area} from "./mime.js" */

import { DisplayEntry, ErrorEntry, StreamEntry } from "./entries.js";

/** @typedef {StreamEntry | DisplayEntry | ErrorEntry} Entry */

/**
 * Outputs in an element, as Python has them in a list. What has not changed stays as it is, and what has changed until
 * its successor can be seen.
 */
export class OutputList {
  #element;
  #context;
  /** @type {{entry: Entry, output: any, text: string}[]} */
  #shown = [];

  /**
   * @param {HTMLElement} element
   * @param {{page: Page, kernel: WorkerKernel, area: () => Area | undefined}} home
   */
  constructor(element, { page, kernel, area }) {
    this.#element = element;
    // The cell around is known when the element is in its place, and not before.
    const tell = {
      handle: (/** @type {any} */ message) => area()?.handle(message),
      complain: (/** @type {unknown} */ error) => area()?.complain(error),
    };
    this.#context = { page, kernel, area: tell, name: "Output of a widget" };
  }

  /** @param {any[]} outputs */
  update(outputs) {
    const before = this.#shown;
    this.#shown = outputs.map((output, index) => {
      const text = JSON.stringify(output);
      const known = before[index];
      if (known && this.#follows(known, output, text)) return { entry: known.entry, output, text };
      return { entry: this.#make(output), output, text };
    });
    const gone = before.filter(({ entry }) => !this.#shown.some((one) => one.entry === entry));
    const leave = () => gone.forEach(({ entry }) => entry.dispose());
    const fresh = this.#shown.filter(({ entry }) => entry.element.classList.contains("live-pending"));
    if (!fresh.length) leave();
    for (const { entry } of fresh) {
      void entry.ready.then(() => {
        leave();
        entry.element.classList.remove("live-pending");
      });
    }
  }

  dispose() {
    for (const { entry } of this.#shown) entry.dispose();
    this.#shown = [];
  }

  /**
   * Let what is shown become something else, if it can.
   *
   * @param {{entry: Entry, output: any, text: string}} known
   * @param {any} output
   * @param {string} text
   */
  #follows({ entry, output: old, text: oldText }, output, text) {
    if (text === oldText) return true;
    if (entry instanceof DisplayEntry && isDisplay(output)) {
      void entry.update(output, this.#context);
      return true;
    }
    if (entry instanceof StreamEntry && output.name === old.name && output.text?.startsWith(old.text)) {
      entry.append(output.text.slice(old.text.length));
      return true;
    }
    return false;
  }

  /** @param {any} output */
  #make(output) {
    const entry = isDisplay(output)
      ? new DisplayEntry(output, this.#context)
      : output.output_type === "stream"
        ? new StreamEntry(output.name)
        : new ErrorEntry(output);
    if (entry instanceof StreamEntry) entry.append(output.text);
    entry.element.classList.add("live-pending");
    this.#element.append(entry.element);
    return entry;
  }
}

/** @param {{output_type: string}} output */
function isDisplay({ output_type: type }) {
  return type === "display_data" || type === "execute_result";
}
