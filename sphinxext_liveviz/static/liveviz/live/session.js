// What runs, in which order: one session per page. Entry point of the live side; liveviz.js imports it on first Run, or
// a little before.

/** @import {Failure, Page, Progress} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */
/** @import {Runtime} from "./runtime.js" */

import { register as registerBokeh } from "./bokeh.js";
import { CellView } from "./cell.js";
import { RuntimeFailure, startRuntime } from "./runtime.js";
import { register as registerWidgets } from "./widget-comms.js";

/**
 * What a session needs of a cell; see cell.js.
 *
 * @typedef {object} SessionCell
 * @property {string} id
 * @property {number} number  as people count
 * @property {() => void} wait  show that its turn will come
 * @property {(progress: Progress | null) => void} starting  null at the very start
 * @property {(kernel: WorkerKernel) => Promise<boolean>} execute  whether it ended as its author meant; rejected when
 *   Python ends
 * @property {() => void} restore  go back to the static output
 * @property {(error: unknown, retry: () => void) => void} fail
 * @property {(failure: Failure) => void} complain
 * @property {(reason: string) => void} skip  it does not run after all
 */

/**
 * What a session needs of Python; see runtime.js.
 *
 * @typedef {object} SessionRuntime
 * @property {WorkerKernel} kernel
 * @property {Promise<unknown>} ready
 * @property {Progress | null} progress  the last that was reported
 * @property {(progress: Progress) => void} onProgress
 * @property {(failure: RuntimeFailure) => void} onDeath
 * @property {(failure: Failure) => void} onComplaint
 * @property {() => void} dispose
 */

/** Runs cells one at a time; a cell needs those above it to have run. */
export class Session {
  #cells;
  #start;
  #onLive;
  /** @type {SessionRuntime | null} */
  #runtime = null;
  /** A start that no cell has asked for yet. @type {Promise<SessionRuntime> | null} */
  #ahead = null;
  /** @type {Set<SessionCell>} that ended as their authors meant, in this interpreter */
  #done = new Set();
  /** @type {SessionCell[]} asked for, not begun */
  #queue = [];
  /** @type {SessionCell[]} of the present request, not ended */
  #plan = [];
  /** @type {SessionCell | null} the last that ran, or asked for the start */
  #last = null;

  /**
   * @param {SessionCell[]} cells  the live ones, in document order
   * @param {() => Promise<SessionRuntime>} start
   * @param {() => void} [onLive]  called whenever a cell has become live
   */
  constructor(cells, start, onLive = () => {}) {
    this.#cells = cells;
    this.#start = start;
    this.#onLive = onLive;
  }

  /**
   * Run a cell, after those above it that have not run. Requests are answered in order.
   *
   * @param {string} id
   */
  run(id) {
    const cell = this.#cells.find((one) => one.id === id);
    if (!cell) throw new Error(`There is no live cell ${id} on this page`);
    if (this.#queue.includes(cell) || this.#plan.includes(cell)) return;
    cell.wait();
    this.#queue.push(cell);
    if (!this.#plan.length) void this.#work();
  }

  /**
   * Start Python for a request that may come. If it fails before, nobody hears of it, and the request starts it anew.
   * Once something was asked for, only further requests start Python.
   */
  prepare() {
    if (this.#last || this.#ahead) return;
    const ahead = (this.#ahead = this.#start());
    const forget = (/** @type {unknown} */ error) => {
      console.debug("liveviz: Python could not be started ahead:", error);
      if (this.#ahead === ahead) this.#ahead = null;
    };
    ahead
      .then((runtime) => {
        runtime.onDeath = forget;
        return runtime.ready;
      })
      .catch(forget);
  }

  async #work() {
    for (let target = this.#queue.shift(); target; target = this.#queue.shift()) {
      const above = this.#cells.slice(0, this.#cells.indexOf(target));
      this.#plan = [...above.filter((cell) => !this.#done.has(cell)), target];
      for (const cell of this.#plan) cell.wait();
      this.#last = target;
      try {
        const runtime = await this.#ready(target);
        while (this.#plan.length && (await this.#execute(this.#plan[0], runtime))) this.#plan.shift();
        if (this.#plan.length) this.#stop();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  /** @param {SessionCell} target */
  async #ready(target) {
    if (!this.#runtime) {
      target.starting(null);
      const ahead = this.#ahead;
      this.#ahead = null;
      const runtime = (this.#runtime = await (ahead ?? this.#start()));
      if (runtime.progress) target.starting(runtime.progress);
      runtime.onProgress = (progress) => target.starting(progress);
      runtime.onDeath = (failure) => {
        // While cells run, the request that is lost says so.
        if (!this.#plan.length) this.#fail(failure);
      };
      runtime.onComplaint = (failure) => this.#last?.complain(failure);
    }
    await this.#runtime.ready;
    return this.#runtime;
  }

  /**
   * @param {SessionCell} cell
   * @param {SessionRuntime} runtime
   */
  async #execute(cell, { kernel }) {
    this.#last = cell;
    this.#done.delete(cell);
    const ended = await cell.execute(kernel);
    if (ended) {
      this.#done.add(cell);
      this.#onLive();
    }
    return ended;
  }

  /** Give up all that waits, because the first cell of the plan failed. */
  #stop() {
    const [failed, ...rest] = this.#plan;
    for (const cell of [...rest, ...this.#queue]) cell.skip(`Not run: cell ${failed.number} failed`);
    this.#plan = [];
    this.#queue = [];
  }

  /** @param {unknown} error  why there is no Python any more */
  #fail(error) {
    const where = this.#last;
    this.#runtime?.dispose();
    this.#runtime = null;
    this.#done.clear();
    this.#plan = [];
    this.#queue = [];
    for (const cell of this.#cells) cell.restore();
    where?.fail(error, () => this.run(where.id));
  }
}

/** @type {Session | undefined} */
let session;

/**
 * Run a cell of this page.
 *
 * @param {string} id
 */
export function run(id) {
  session ??= sessionOf(globalThis.liveviz);
  session.run(id);
}

/** Start Python for this page, unless the reader wants to save data. */
export function prepare() {
  const { connection } = /** @type {Navigator & {connection?: {saveData?: boolean}}} */ (navigator);
  if (connection?.saveData) return;
  session ??= sessionOf(globalThis.liveviz);
  session.prepare();
}

/** @param {Page} page */
function sessionOf(page) {
  const cells = page.manifest.cells.flatMap((record) => {
    /** @type {HTMLElement | null} */
    const element = document.querySelector(`.live-cell[data-cell="${CSS.escape(record.id)}"]`);
    return element && !record.static ? [new CellView(element, record, page)] : [];
  });
  const store = storingOnce(page);
  /** @type {Runtime | undefined} */
  let runtime;
  let isPrepared = false;
  const start = async () => {
    runtime = await startRuntime(page);
    registerBokeh(runtime.kernel);
    registerWidgets(page, runtime.kernel);
    return runtime;
  };
  const onLive = () => {
    store();
    if (!isPrepared) runtime?.prepareNext();
    isPrepared = true;
  };
  return new Session(cells, start, onLive);
}

/**
 * Make what is to be called when a cell is live: the first time, it has stored what the page runs on.
 *
 * @param {Page} page
 */
function storingOnce({ manifest }) {
  let { offline } = manifest;
  return () => {
    if (!offline) return;
    const script = new URL(offline, document.baseURI).href;
    offline = undefined;
    import("./offline.js").then(
      ({ storeForOffline }) => storeForOffline(script),
      (error) => console.debug("liveviz: nothing is stored for offline use:", error),
    );
  };
}
