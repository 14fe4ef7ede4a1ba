// The worker that Python runs in. Speaks the messages of protocol.js with the page.

/** @import {Envelope, Failure, Progress, Ready, Start, Step} from "./protocol.js" */

import { boot } from "./boot.js";

/** Progress is reported at most this often, in milliseconds. */
const REPORT_EVERY = 60;

/** @type {Promise<(text: string, buffers: ArrayBuffer[]) => void> | undefined} */
let kernel;
/** @type {Step} */
let step = "worker";
let reported = 0;

addEventListener("message", (/** @type {MessageEvent<Start | Envelope>} */ { data }) => {
  if (data.type === "start") {
    kernel = start(data);
    kernel.catch((error) => fail(error, true));
  } else {
    void kernel?.then((receive) => receive(data.message, data.buffers));
  }
});
addEventListener("error", (event) => {
  event.preventDefault(); // or the page would hear of it twice
  fail(event.error ?? new Error(event.message), step !== "running");
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason, step !== "running");
});

/** @param {Start} request */
async function start(request) {
  const began = performance.now();
  const receive = await boot(request, {
    report(next, { loaded, total }, name) {
      const now = performance.now();
      if (next === step && now - reported < REPORT_EVERY) return;
      step = next;
      reported = now;
      post(/** @type {Progress} */ ({ type: "progress", step, loaded, total, name }));
    },
    send(text, views) {
      const buffers = views.map(ownBuffer);
      post(/** @type {Envelope} */ ({ type: "message", message: text, buffers }), buffers);
    },
    onFatal: (error) => fail(error, true),
  });
  step = "running";
  post(/** @type {Ready} */ ({ type: "ready", seconds: (performance.now() - began) / 1000 }));
  return receive;
}

/**
 * @param {any} error
 * @param {boolean} fatal  whether Python has ended with it
 */
function fail(error, fatal) {
  /** @type {Failure} */
  const failure = {
    name: error?.name ?? "Error",
    message: error?.message ?? String(error),
    stack: error?.stack ?? "",
    step: error?.step ?? step,
    fatal,
  };
  post({ type: "fail", error: failure });
}

/**
 * @param {object} data
 * @param {ArrayBuffer[]} [transfer]
 */
function post(data, transfer = []) {
  postMessage(data, { transfer });
}

/**
 * @param {Uint8Array} view
 * @returns {ArrayBuffer} of exactly the view's bytes, to give away
 */
function ownBuffer({ buffer, byteOffset, byteLength }) {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
