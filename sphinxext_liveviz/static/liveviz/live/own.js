// The snapshot that a reader's browser makes for a page that has no image: what it is of, and when it is made.

/** @import {Manifest, Own, Start} from "./protocol.js" */

import { find, hexadecimal, refuse } from "./kept.js";

/** Raised when snapshots are made or stored in another way, and scripts do not tell. */
const FORMAT = 1;
/** Gigabytes of memory below which the browser has better things to do than to start Python twice more. */
const MEMORY = 4;
/** Where the local storage has the name of the snapshot that is being made. */
const MAKING = "liveviz-making";
/** A module that is valid where WebAssembly has garbage collection: it declares a struct. */
const WITH_GC = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0);

/**
 * Say which snapshot a page may start from.
 *
 * Its name has three parts. The first tells the site, the second all that a build of it may change: what the addresses
 * lead to never changes. The third tells the page's kind, and what of the browser shows in memory.
 *
 * @param {Pick<Start, "indexURL" | "lockFileURL" | "kernelURL" | "packages">} where
 * @param {Manifest["snapshot"]} snapshot
 * @returns {Promise<Own | null>} null where there can be none
 */
export async function ownSnapshot({ indexURL, lockFileURL, kernelURL, packages }, snapshot) {
  if (!snapshot || !globalThis.crypto?.subtle) return null;
  const scripts = new URL(".", import.meta.url).href;
  const browser = ["Suspending" in WebAssembly, WebAssembly.validate(WITH_GC)];
  const parts = await Promise.all([
    digest(new URL("..", scripts).href),
    digest([FORMAT, indexURL, lockFileURL, kernelURL, scripts]),
    digest([packages, snapshot, browser]),
  ]);
  return { name: parts.join("."), ...snapshot };
}

/** @param {unknown} value */
async function digest(value) {
  const text = new TextEncoder().encode(JSON.stringify(value));
  return hexadecimal(await crypto.subtle.digest("SHA-256", text)).slice(0, 16);
}

/**
 * Make the snapshot when the browser has nothing else to do. Nothing of this matters to the page: what fails is for the
 * browser's debug log.
 *
 * @param {Start} start
 */
export async function makeOwnSnapshot(start) {
  try {
    mustBeSuited();
    await idle();
    const { bytes, seconds } = await makeOnce(start);
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    console.debug(`liveviz: a snapshot of ${size} was made in ${seconds.toFixed(1)} s for the next visit`);
  } catch (error) {
    console.debug("liveviz: no snapshot was made for the next visit:", String(error));
  }
}

function mustBeSuited() {
  const { connection, deviceMemory, userAgentData } = /** @type {any} */ (navigator);
  if (!("createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {}))) {
    throw new Error("this browser cannot write files for this page");
  }
  if (connection?.saveData) throw new Error("the reader wants data to be saved");
  if (deviceMemory < MEMORY) throw new Error(`this device has ${deviceMemory} GB of memory only`);
  const isMobile = userAgentData?.mobile ?? matchMedia("(pointer: coarse)").matches;
  if (deviceMemory === undefined && isMobile) throw new Error("nobody knows how little memory this device has");
}

/** @returns {Promise<unknown>} */
function idle() {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: 10_000 });
    else setTimeout(resolve, 500);
  });
}

/**
 * Make the snapshot, unless another tab does, or this has been the end of a tab before.
 *
 * @param {Start} start
 */
function makeOnce(start) {
  const { name } = /** @type {Own} */ (start.own);
  return navigator.locks.request(`liveviz snapshot ${name}`, { ifAvailable: true }, async (lock) => {
    if (!lock) throw new Error("another tab is making it");
    if (await find(name)) throw new Error("another tab has made it");
    const unmark = () => localStorage.removeItem(MAKING);
    if (localStorage.getItem(MAKING) === name) {
      const refusal = "the last attempt did not end";
      await refuse(name, refusal);
      unmark();
      throw new Error(refusal);
    }
    localStorage.setItem(MAKING, name);
    addEventListener("pagehide", unmark); // who leaves in the middle may try again; whose tab is killed may not
    try {
      return await made(start);
    } finally {
      removeEventListener("pagehide", unmark);
      unmark();
    }
  });
}

/**
 * @param {Start} start
 * @returns {Promise<{bytes: number, seconds: number}>}
 */
function made(start) {
  const worker = new Worker(new URL("maker.js", import.meta.url), { type: "module", name: "liveviz snapshot" });
  /** @type {Promise<{bytes: number, seconds: number}>} */
  const answer = new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => (data.error ? reject(data.error) : resolve(data)));
    worker.addEventListener("error", ({ message }) => reject(message || "its worker could not be started"));
  });
  worker.postMessage(start);
  return answer.finally(() => worker.terminate());
}
