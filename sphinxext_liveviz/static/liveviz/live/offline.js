/** What the service worker answers; see `static/offline/worker.js`. @typedef {{bytes: number, problems: string[]}} Stored */

/**
 * Have all stored that this page, and those that need no more than it does, take to be live without a network.
 *
 * Nothing of this matters to a run: what fails is for the browser's debug log.
 *
 * @param {string} script  URL of the service worker
 * @param {ServiceWorkerContainer | undefined} [container]  undefined where browsers have none: on plain http, for instance
 * @returns {Promise<Stored | null>} null when there is no worker to do it
 */
export async function storeForOffline(script, container = navigator.serviceWorker) {
  try {
    if (!container) throw new Error("this browser has no service workers here");
    const registration = await container.register(script);
    await container.ready;
    // Of two deploys the page is of the newer one, if not of one that is gone.
    const worker = registration.waiting ?? registration.active;
    if (!worker) throw new Error("the service worker has been removed");
    const stored = await ask(worker, { type: "liveviz-store", page: location.href });
    console.debug(`liveviz: ${(stored.bytes / 1e6).toFixed(1)} MB more stored for offline use`, ...stored.problems);
    return stored;
  } catch (error) {
    console.debug("liveviz: nothing is stored for offline use:", error);
    return null;
  }
}

/**
 * @param {ServiceWorker} worker
 * @param {object} question
 * @returns {Promise<Stored>}
 */
function ask(worker, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      resolve(data);
    };
    worker.postMessage(question, [port2]);
  });
}
