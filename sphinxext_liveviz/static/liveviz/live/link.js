// How a page reaches the worker that Python runs in.

/** @import {Port} from "./channel.js" */

/** Milliseconds in which another page that is just going has let go of its worker. */
const LET_GO = 150;
/** Milliseconds in which a shared worker must answer: one that an earlier page has left computing may not. */
const ANSWER = 2000;

/**
 * A way to a worker.
 *
 * @typedef {object} Link
 * @property {Port} port
 * @property {string | null} lock  that the page holds for it; null for a worker that ends with the page
 * @property {() => void} end  let Python end
 * @property {(tell: (message: string) => void) => void} onError  call it when the worker could not be started
 */

/** Locks that this page holds until it is gone. @type {Set<string>} */
const held = new Set();

/**
 * Find a worker.
 *
 * One that pages share after one another where that can be, so that Python need not be started for each of them;
 * else, and for a second page at the same time, a new one.
 *
 * @param {string} source  URL of its script
 * @param {string | null} image  what it makes interpreters from; only such workers are worth sharing
 * @returns {Promise<Link>}
 */
export async function openLink(source, image) {
  const lock = image && (await claim(`liveviz ${image}`));
  const shared = lock && (await openShared(source, lock));
  return shared || openDedicated(source);
}

/**
 * @param {string} name
 * @returns {Promise<string | null>} the name, or null when another page has it
 */
async function claim(name) {
  if (!("SharedWorker" in globalThis) || !navigator.locks) return null;
  if (held.has(name)) return name;
  return new Promise((resolve) => {
    const hold = () => {
      held.add(name);
      resolve(name);
      return new Promise(() => {});
    };
    navigator.locks.request(name, { signal: AbortSignal.timeout(LET_GO) }, hold).catch(() => resolve(null));
  });
}

/**
 * @param {string} source
 * @param {string} lock
 * @returns {Promise<Link | null>} null when it does not answer
 */
async function openShared(source, lock) {
  /** @type {SharedWorker} */
  let worker;
  try {
    const options = { type: "module", name: lock, extendedLifetime: true };
    worker = new SharedWorker(source, /** @type {WorkerOptions} */ (options));
  } catch {
    return null;
  }
  const { port } = worker;
  return new Promise((resolve) => {
    const giveUp = () => {
      port.close();
      resolve(null);
    };
    const late = setTimeout(giveUp, ANSWER);
    worker.addEventListener("error", giveUp, { once: true });
    port.addEventListener(
      "message",
      () => {
        clearTimeout(late);
        const end = () => {
          port.postMessage({ type: "leave" });
          port.close();
        };
        resolve({ port, lock, end, onError: () => {} });
      },
      { once: true },
    );
    port.start();
  });
}

/**
 * @param {string} source
 * @returns {Link}
 */
function openDedicated(source) {
  const worker = new Worker(source, { type: "module", name: "liveviz" });
  return {
    port: worker,
    lock: null,
    end: () => worker.terminate(),
    onError: (tell) => worker.addEventListener("error", ({ message }) => tell(message)),
  };
}
