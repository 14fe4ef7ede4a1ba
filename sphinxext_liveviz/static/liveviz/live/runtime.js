/** @import {Link} from "./link.js" */
/** @import {Data, Envelope, Fail, Failure, Own, Page, Progress, Ready, Start} from "./protocol.js" */

import { WorkerKernel } from "./channel.js";
import { isThere } from "./kept.js";
import { openLink } from "./link.js";
import { makeOwnSnapshot, ownSnapshot } from "./own.js";

/** Why Python does not run, or no longer. */
export class RuntimeFailure extends Error {
  /** @override */
  name = "RuntimeFailure";

  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Python in a worker, from its start to its end. */
export class Runtime {
  /** The last that was reported. @type {Progress | null} */
  progress = null;
  /** @type {(progress: Progress) => void} */
  onProgress = () => {};
  /** Called once, when Python ended by itself after it was ready.
   * @type {(failure: RuntimeFailure) => void} */
  onDeath = () => {};
  /** Called with an error of the worker that Python survived.
   * @type {(failure: Failure) => void} */
  onComplaint = () => {};

  #link;
  #start;
  /** @type {Ready | null} */
  #started = null;
  /** Is there as long as Python shall run; see alive.js. */
  #aliveURL = URL.createObjectURL(new Blob(["alive"], { type: "text/plain" }));
  /** @type {(ready: Ready) => void} */
  #resolve = () => {};
  /** @type {(failure: RuntimeFailure) => void} */
  #reject = () => {};

  /**
   * @param {Link} link
   * @param {string} source  URL of the worker's script
   * @param {Omit<Start, "type" | "lock" | "aliveURL">} start
   */
  constructor(link, source, start) {
    this.#link = link;
    this.kernel = new WorkerKernel(link.port);
    /** @type {Promise<Ready>} */
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ready.catch(() => {}); // whoever awaits it hears of it
    link.port.addEventListener("message", this.#listen);
    link.onError((message) => {
      // A worker whose script cannot be had reports an event without a message.
      const text = message || `${source}, or a script that it imports, is missing or not allowed to run`;
      this.#fail({ name: "WorkerError", message: text, stack: "", step: "worker", fatal: true });
    });
    link.port.addEventListener("messageerror", () => {
      const message = "A message from the worker could not be read";
      this.#fail({ name: "DataCloneError", message, stack: "", step: "running", fatal: true });
    });
    this.#start = /** @type {Start} */ ({ type: "start", lock: link.lock, aliveURL: this.#aliveURL, ...start });
    link.port.postMessage(this.#start, []);
  }

  /** Let the next visit start faster, if this browser can see to it. To be called when a cell is live. */
  prepareNext() {
    if (this.#started?.wants) void makeOwnSnapshot(this.#start);
  }

  /** End Python without a word. */
  dispose() {
    this.#end();
    this.kernel.dispose();
  }

  #end() {
    URL.revokeObjectURL(this.#aliveURL);
    this.#link.end();
  }

  /** @param {{data: Progress | Ready | Fail | Envelope}} event */
  #listen = ({ data }) => {
    if (data.type === "progress") {
      this.progress = data;
      this.onProgress(data);
    } else if (data.type === "ready") {
      this.#started = data;
      console.debug(`liveviz: Python started in ${data.seconds.toFixed(2)} s from ${data.how}`);
      this.#resolve(data);
    } else if (data.type === "fail") {
      if (data.error.fatal) this.#fail(data.error);
      else this.onComplaint(data.error);
    }
  };

  /** @param {Failure} failure */
  #fail(failure) {
    if (this.kernel.isDisposed) return;
    const reason = new RuntimeFailure(failure);
    this.#end();
    this.kernel.dispose(reason);
    this.#reject(reason);
    if (this.#started) this.onDeath(reason);
  }
}

/**
 * Start Python for a page.
 *
 * @param {Page} page
 */
export async function startRuntime({ manifest }) {
  const { pyodide, packages, kernel, image, snapshot, directory = "", files = [] } = manifest;
  if (!pyodide) throw new Error(manifest.reason ?? "The cells of this page are not live");
  /** @param {string} url */
  const absolute = (url) => new URL(url, document.baseURI).href;
  const source = new URL("worker.js", import.meta.url).href;
  const imageURL = image && absolute(image);
  const where = {
    indexURL: absolute(pyodide.indexURL),
    lockFileURL: absolute(pyodide.lockFileURL),
    glue: pyodide.glue,
    kernelURL: absolute(kernel),
    packages,
  };
  const own = await ownSnapshot(where, snapshot);
  /** @type {Data} */
  const data = { directory, files: files.map(([path, url]) => [path, absolute(url)]) };
  return new Runtime(await link(source, imageURL ?? (await keptName(own))), source, { ...where, imageURL, own, data });
}

/**
 * @param {Own | null} own
 * @returns {Promise<string | null>} its name, if it is there
 */
async function keptName(own) {
  try {
    return own && (await isThere(own.name)) ? own.name : null;
  } catch {
    return null; // the worker will meet the same, and say it
  }
}

/**
 * @param {string} source
 * @param {string | null} image
 */
async function link(source, image) {
  try {
    return await openLink(source, image);
  } catch (error) {
    // Scripts of another origin, for instance, cannot be workers.
    throw new RuntimeFailure({ name: "WorkerError", message: String(error), stack: "", step: "worker", fatal: true });
  }
}
