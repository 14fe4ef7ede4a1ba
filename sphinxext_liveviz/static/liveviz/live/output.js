/** @import {Message, Page} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */

import { DisplayEntry, ErrorEntry, StreamEntry } from "./entries.js";
import { restoreIds } from "./html.js";

/** @typedef {StreamEntry | DisplayEntry | ErrorEntry} Entry */

/**
 * What a cell shows.
 *
 * The live output is made, unseen, next to what stands there: the static output or that of the last run, which leaves
 * when the first new piece can be seen. Until the run has ended, the space that was taken stays taken, so that nothing
 * jumps. At any time one element of the cell has the class `live-output`: the one that is seen.
 */
export class OutputArea {
  #cell;
  #page;
  /** @type {HTMLElement | null} */
  #static;
  /** @type {HTMLElement | null} */
  #live = null;
  /** @type {WorkerKernel | null} */
  #kernel = null;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {(() => void)[]} what to do when the first new piece can be seen */
  #leaving = [];
  #clearsOnNext = false;
  #isRunning = false;
  #isHidden;

  /**
   * @param {HTMLElement} cell
   * @param {Page} page
   */
  constructor(cell, page) {
    this.#cell = cell;
    this.#page = page;
    page.areas.set(cell, this);
    this.#static = cell.querySelector(":scope > .live-output");
    // The build leaves the element out where the author hides output. Errors are shown all the same.
    this.#isHidden = !this.#static;
  }

  /**
   * A run begins.
   *
   * @param {WorkerKernel} kernel
   */
  begin(kernel) {
    this.#kernel = kernel;
    this.#isRunning = true;
    this.#clearsOnNext = false;
    const live = this.#live ?? this.#makeLive();
    const standing = this.#entries.length ? live : this.#static;
    const height = standing?.offsetHeight ?? 0;
    this.#static?.classList.add("live-leaving");
    this.#retireEntries();
    this.#leaving.push(() => {
      live.style.minHeight = `${height}px`;
      live.className = "live-output";
      this.#showStatic(false);
    });
  }

  /**
   * Show the output message of a kernel. Others are ignored.
   *
   * @param {Message} message
   */
  handle = (message) => {
    const { content } = message;
    switch (message.header.msg_type) {
      case "stream":
        return this.#print(content);
      case "display_data":
      case "execute_result":
        return this.#add(new DisplayEntry(content, this.#context()));
      case "update_display_data":
        return this.#update(content);
      case "error":
        return this.#add(new ErrorEntry(content));
      case "clear_output":
        if (content.wait) this.#clearsOnNext = true;
        else this.#clear();
        return undefined;
      default:
        return undefined;
    }
  };

  /**
   * Show an error of the page's own side, such as a view that could not follow Python.
   *
   * @param {unknown} error
   */
  complain = (error) => {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    console.error("liveviz:", error);
    this.#add(new ErrorEntry({ ename: name, evalue: message, traceback: [] }));
  };

  /** The run has ended; fulfilled when all of its output can be seen. */
  async end() {
    await Promise.all(this.#entries.map(({ ready }) => ready));
    this.#settle();
    this.#isRunning = false;
    if (this.#live) this.#live.style.minHeight = "";
  }

  /** Take the live output away and show the static one again. */
  restoreStatic() {
    this.#isRunning = false;
    this.#retireEntries();
    this.#settle();
    this.#live?.remove();
    this.#live = null;
    this.#showStatic(true);
  }

  /** @param {boolean} shown */
  #showStatic(shown) {
    if (!this.#static) return;
    if (shown) {
      this.#static.classList.remove("live-leaving");
      restoreIds(this.#static);
    }
    this.#static.hidden = !shown;
    this.#static.classList.toggle("live-output", shown);
    this.#static.classList.toggle("live-static", !shown);
  }

  #makeLive() {
    const live = document.createElement("div");
    live.className = "live-pending";
    if (this.#static) this.#static.after(live);
    else this.#cell.append(live);
    return (this.#live = live);
  }

  #context() {
    const name = `Output of cell ${this.#cell.dataset.number}`;
    return { page: this.#page, kernel: /** @type {WorkerKernel} */ (this.#kernel), area: this, name };
  }

  /** @param {{name: string, text: string}} content */
  #print({ name, text }) {
    const last = this.#clearsOnNext ? undefined : this.#entries.at(-1);
    if (last instanceof StreamEntry && last.name === name) return last.append(text);
    const entry = new StreamEntry(name);
    entry.append(text);
    return this.#add(entry);
  }

  /** @param {Entry} entry */
  #add(entry) {
    const live = this.#live;
    if (!live || (this.#isHidden && !(entry instanceof ErrorEntry))) return entry.dispose();
    if (this.#clearsOnNext) {
      this.#clearsOnNext = false;
      this.#reserve();
      this.#retireEntries();
    }
    this.#entries.push(entry);
    entry.element.classList.add("live-pending");
    live.append(entry.element);
    void entry.ready.then(() => {
      if (!this.#entries.includes(entry)) return; // cleared meanwhile
      entry.element.classList.remove("live-pending");
      this.#settle();
    });
  }

  /** @param {{data: any, metadata: any, transient: any}} content */
  #update(content) {
    for (const entry of this.#entries) {
      const isIt = entry instanceof DisplayEntry && entry.displayId === content.transient.display_id;
      if (isIt) void entry.update(content, this.#context());
    }
  }

  #clear() {
    this.#reserve();
    for (const entry of this.#entries) entry.dispose();
    this.#entries = [];
  }

  /** Keep the height of what is about to go until the run ends. */
  #reserve() {
    if (this.#isRunning && this.#live) this.#live.style.minHeight = `${this.#live.offsetHeight}px`;
  }

  /** The entries leave when the first of their successors can be seen. */
  #retireEntries() {
    const entries = this.#entries;
    this.#entries = [];
    for (const { element } of entries) element.classList.add("live-leaving");
    if (entries.length) this.#leaving.push(() => entries.forEach((entry) => entry.dispose()));
  }

  #settle() {
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const leave of leaving) leave();
  }
}
