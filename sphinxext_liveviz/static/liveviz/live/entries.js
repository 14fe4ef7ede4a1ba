/** @import {Disposable} from "./protocol.js" */
/** @import {Context} from "./mime.js" */

import { PLAIN, Terminal, nodesOf, plain, runs } from "./ansi.js";
import { choose, unknown } from "./mime.js";
import { literal } from "./text.js";
import { highlighted } from "./traceback.js";
import { Turns } from "./turns.js";

/** Text that was printed, one message after another. */
export class StreamEntry {
  element = document.createElement("div");
  ready = Promise.resolve();
  #pre;
  #terminal = new Terminal();
  /** The last line, which may still change. @type {ChildNode[]} */
  #line = [];
  #isBlank = true;

  /** @param {string} name  stdout or stderr */
  constructor(name) {
    this.name = name;
    this.element.className = `live-stream live-${name}`;
    const block = literal("");
    this.#pre = /** @type {HTMLElement} */ (block.querySelector("pre"));
    this.element.append(block);
  }

  /** @param {string} text */
  append(text) {
    const { finished, line } = this.#terminal.write(text);
    for (const node of this.#line) node.remove();
    this.#pre.append(nodesOf(finished));
    const last = nodesOf(line);
    this.#line = Array.from(last.childNodes);
    this.#pre.append(last);
    // Blank lines alone are no output, in the static page neither.
    this.#isBlank &&= !finished.some(([text]) => text.trim());
    this.element.hidden = this.#isBlank && !line.some(([text]) => text.trim());
  }

  dispose() {
    this.element.remove();
  }
}

/** An exception with its traceback. */
export class ErrorEntry {
  element = document.createElement("div");
  ready = Promise.resolve();

  /** @param {{ename: string, evalue: string, traceback: string[]}} content */
  constructor({ ename, evalue, traceback }) {
    this.element.className = "live-error";
    const text = traceback.length ? traceback.join("\n") : `${ename}: ${evalue}`;
    const [pieces] = runs(`${text}\n`);
    // Who has coloured it meant it so; all others get the colours of the theme.
    const isPlain = pieces.every(([, style]) => style === PLAIN);
    const block = isPlain ? literal(highlighted(plain(pieces)), "pytb") : literal(nodesOf(pieces));
    this.element.append(block);
  }

  dispose() {
    this.element.remove();
  }
}

/** A value, shown by the richest of its MIME types that there is a renderer for. */
export class DisplayEntry {
  element = document.createElement("div");
  /** @type {string | undefined} */
  displayId;
  /** Fulfilled when it can be seen, or says why it cannot. */
  ready;

  #turns = new Turns();
  /** @type {{element: HTMLElement, view: Disposable | void} | undefined} */
  #shown;
  #isDisposed = false;

  /**
   * @param {{data: any, metadata: any, transient?: any}} content
   * @param {Omit<Context, "transient">} context
   */
  constructor(content, context) {
    this.displayId = content.transient?.display_id;
    this.element.className = "live-display";
    this.ready = this.update(content, context);
  }

  /**
   * Show something else in the same place; what was there stays until that can be seen.
   *
   * @param {{data: any, metadata: any, transient?: any}} content
   * @param {Omit<Context, "transient">} context
   * @returns {Promise<void>}
   */
  update({ data, metadata, transient = {} }, context) {
    return this.#turns.add(async () => {
      if (this.#isDisposed) return;
      const next = document.createElement("div");
      next.className = "live-pending";
      this.#shown?.element.classList.add("live-leaving");
      this.element.append(next);
      const shown = { element: next, view: await show(data, metadata, next, { ...context, transient }) };
      next.classList.remove("live-pending");
      this.#discard();
      this.#shown = shown;
      if (this.#isDisposed) this.#discard();
    });
  }

  dispose() {
    this.#isDisposed = true;
    this.#discard();
    this.element.remove();
  }

  #discard() {
    this.#shown?.view?.dispose();
    this.#shown?.element.remove();
    this.#shown = undefined;
  }
}

/**
 * @param {Record<string, any>} data
 * @param {Record<string, any>} metadata
 * @param {HTMLElement} element
 * @param {Context} context
 * @returns {Promise<Disposable | void>}
 */
async function show(data, metadata, element, context) {
  const chosen = choose(data);
  try {
    if (!chosen) throw new Error(`nothing here shows ${Object.keys(data).join(", ") || "an empty output"}`);
    const { renderer, mime } = chosen;
    element.classList.add(renderer.className);
    element.dataset.mime = mime;
    const strange = unknown(data, mime);
    if (strange.length) element.append(note("live-remark", `Nothing here shows ${strange.join(", ")}.`));
    return await renderer.render(data[mime], metadata[mime] ?? {}, element, context, mime);
  } catch (error) {
    console.error("liveviz: an output could not be shown", error);
    element.replaceChildren(
      note("live-note", `This output could not be shown: ${error instanceof Error ? error.message : error}`),
    );
  }
}

/**
 * @param {string} className
 * @param {string} text
 */
function note(className, text) {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}
