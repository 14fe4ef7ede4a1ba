/** @import {Data, Start, Step} from "./protocol.js" */

import { Alive } from "./alive.js";
import { DownloadError, Downloads } from "./downloads.js";
import { Image, partsBelow } from "./image.js";
import { Damaged, find, forget, refuse } from "./kept.js";
import { fileName, startFromPackages } from "./packages.js";
import { mount } from "./mount.js";

/**
 * @typedef {object} Ports
 * @property {(step: Step, downloads: Downloads, name?: string) => void} report
 * @property {(text: string, buffers: Uint8Array[]) => void} send  takes the kernel's messages away
 * @property {(error: unknown) => void} onFatal  called when the interpreter has died
 * @property {string} aliveURL
 * @property {Data} data
 */

/** @typedef {(text: string, buffers: ArrayBuffer[]) => void} Receive  takes requests to the kernel */

/**
 * @typedef {object} Started
 * @property {Receive} receive
 * @property {() => void} end
 * @property {string} how  what it was started from, for debugging
 * @property {boolean} wants  whether this browser shall make a snapshot for the next time
 */

/** Why a start is not from an image. The message is for debugging. */
class NoImage extends Error {
  /**
   * @param {string} message
   * @param {boolean} [wants]  whether this browser shall make one
   */
  constructor(message, wants = false) {
    super(message);
    this.wants = wants;
  }
}

/** Makes interpreters for pages of one kind, from an image where that can be. */
export class Boot {
  #start;
  #keep;
  /** Why the image of the build is not used; empty while it is. */
  #reason = "";
  /** @type {Image | null} */
  #image = null;
  /** An interpreter that nobody has used. @type {Promise<any> | null} */
  #spare = null;

  /**
   * @param {Start} start
   * @param {{keep: boolean}} options  whether there will be more than one
   */
  constructor(start, { keep }) {
    this.#start = start;
    this.#keep = keep;
  }

  /**
   * Start an interpreter, with its packages and the kernel.
   *
   * @param {Ports} ports
   * @returns {Promise<Started>}
   */
  async start(ports) {
    try {
      return await this.#startFromImage(ports);
    } catch (error) {
      this.#image = this.#spare = null;
      const { reason, wants } = await this.#explain(error);
      const downloads = new Downloads(fetch.bind(globalThis), () => {});
      for (const [, url] of ports.data.files) void downloads.ahead(url);
      const pyodide = await startFromPackages(this.#start, ports.report);
      await mount(pyodide.FS, ports.data, downloads);
      const home = pyodide.pyimport("sphinxext_liveviz.kernel.browser");
      return { ...startKernel(pyodide, home, ports), how: `packages, because ${reason}`, wants };
    }
  }

  /** Start the next interpreter now, if all that it takes is here. */
  prepare() {
    if (!this.#image || this.#spare) return;
    this.#spare = this.#image.start();
    this.#spare.catch(() => {}); // who starts hears of it
  }

  /**
   * Why there is no image, and whether this browser shall make one.
   *
   * @param {unknown} error
   */
  async #explain(error) {
    if (error instanceof NoImage) return { reason: error.message, wants: error.wants };
    const reason = String(error);
    const { imageURL, own } = this.#start;
    if (imageURL) this.#reason = reason; // it would be fetched again to no avail
    if (imageURL || !own || error instanceof DownloadError) return { reason, wants: false };
    const wants = error instanceof Damaged;
    try {
      await (wants ? forget(own.name) : refuse(own.name, reason));
      return { reason, wants };
    } catch (failure) {
      return { reason: `${reason} (and it stays: ${failure})`, wants: false };
    }
  }

  /**
   * @param {Ports} ports
   * @returns {Promise<Started>}
   */
  async #startFromImage(ports) {
    if (this.#reason) throw new NoImage(this.#reason);
    const downloads = new Downloads(fetch.bind(globalThis), (url) => ports.report("core", downloads, fileName(url)));
    ports.report("core", downloads);
    const what = this.#start.imageURL ? "an image" : "a snapshot of this browser's own";
    const how = this.#spare ? "an interpreter that was ready" : this.#image ? `${what} that was here` : what;
    this.#image ??= new Image(this.#start, await this.#parts(downloads), downloads, { keep: this.#keep });
    for (const [, url] of ports.data.files) void downloads.ahead(url);
    const starting = this.#spare ?? this.#image.start();
    this.#spare = null;
    const pyodide = await starting;
    if (!this.#keep) this.#image = null;
    ports.report("kernel", downloads);
    const home = pyodide.pyimport("sphinxext_liveviz.kernel.browser");
    home.wake();
    await mount(pyodide.FS, ports.data, downloads);
    return { ...startKernel(pyodide, home, ports), how, wants: false };
  }

  /** @param {Downloads} downloads */
  async #parts(downloads) {
    const { imageURL, own } = this.#start;
    if (imageURL) return partsBelow(imageURL, downloads);
    if (!own) throw new NoImage("there is no image for this page");
    const kept = await find(own.name);
    if (kept === null) throw new NoImage("this browser has no snapshot for this page yet", true);
    if (typeof kept === "string") throw new NoImage(`this browser could not make a snapshot: ${kept}`);
    return kept.open.bind(kept);
  }
}

/**
 * @param {any} pyodide
 * @param {any} home  the module kernel.browser
 * @param {Ports} ports
 * @returns {{receive: Receive, end: () => void}}
 */
function startKernel(pyodide, home, { send, onFatal, aliveURL }) {
  pyodide._api.on_fatal = onFatal;
  pyodide.setInterruptBuffer(new Alive(aliveURL));
  return { receive: home.start(send), end: () => home.end() };
}
