/** @import {Envelope, Fail, Failure, Page, Progress, Ready, Start} from "./protocol.js" */

import { WorkerKernel } from "./channel.js";

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
  /** @type {(progress: Progress) => void} */
  onProgress = () => {};
  /** Called once, when Python ended by itself after it was ready.
   * @type {(failure: RuntimeFailure) => void} */
  onDeath = () => {};
  /** Called with an error of the worker that Python survived.
   * @type {(failure: Failure) => void} */
  onComplaint = () => {};

  #worker;
  #isReady = false;
  /** @type {(ready: Ready) => void} */
  #resolve = () => {};
  /** @type {(failure: RuntimeFailure) => void} */
  #reject = () => {};

  /**
   * @param {Worker} worker
   * @param {string} source  URL of its script
   * @param {Start} start
   */
  constructor(worker, source, start) {
    this.#worker = worker;
    this.kernel = new WorkerKernel(worker);
    /** @type {Promise<Ready>} */
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ready.catch(() => {}); // whoever awaits it hears of it
    worker.addEventListener("message", this.#listen);
    worker.addEventListener("error", (event) => {
      // A worker whose script cannot be had reports an event without a message.
      const message = event.message || `${source}, or a script that it imports, is missing or not allowed to run`;
      this.#end({ name: "WorkerError", message, stack: "", step: "worker", fatal: true });
    });
    worker.addEventListener("messageerror", () => {
      const message = "A message from the worker could not be read";
      this.#end({ name: "DataCloneError", message, stack: "", step: "running", fatal: true });
    });
    worker.postMessage(start);
  }

  /** End Python without a word. */
  dispose() {
    this.#worker.terminate();
    this.kernel.dispose();
  }

  /** @param {{data: Progress | Ready | Fail | Envelope}} event */
  #listen = ({ data }) => {
    if (data.type === "progress") this.onProgress(data);
    else if (data.type === "ready") {
      this.#isReady = true;
      this.#resolve(data);
    } else if (data.type === "fail") {
      if (data.error.fatal) this.#end(data.error);
      else this.onComplaint(data.error);
    }
  };

  /** @param {Failure} failure */
  #end(failure) {
    if (this.kernel.isDisposed) return;
    const reason = new RuntimeFailure(failure);
    this.#worker.terminate();
    this.kernel.dispose(reason);
    this.#reject(reason);
    if (this.#isReady) this.onDeath(reason);
  }
}

/**
 * Start Python for a page.
 *
 * @param {Page} page
 */
export function startRuntime({ manifest }) {
  const { pyodide, packages, kernel, image } = manifest;
  if (!pyodide) throw new Error(manifest.reason ?? "The cells of this page are not live");
  /** @param {string} url */
  const absolute = (url) => new URL(url, document.baseURI).href;
  const source = new URL("worker.js", import.meta.url).href;
  return new Runtime(startWorker(source), source, {
    type: "start",
    indexURL: absolute(pyodide.indexURL),
    lockFileURL: absolute(pyodide.lockFileURL),
    kernelURL: absolute(kernel),
    imageURL: image && absolute(image),
    packages,
  });
}

/** @param {string} source */
function startWorker(source) {
  try {
    return new Worker(source, { type: "module", name: "liveviz" });
  } catch (error) {
    // Scripts of another origin, for instance, cannot be workers.
    throw new RuntimeFailure({ name: "WorkerError", message: String(error), stack: "", step: "worker", fatal: true });
  }
}
