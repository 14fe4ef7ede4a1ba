// The worker that Python runs in. Speaks the messages of protocol.js with the page.
//
// As a dedicated worker it serves one page and ends with it. As a SharedWorker it outlives pages, for as long as the
// browser lets it: each page that it serves gets an interpreter of its own, but from the second one on that is made
// from what is here already, while no page waits for it.

/** @import {Envelope, Failure, Leave, Progress, Ready, Start, Step} from "./protocol.js" */
/** @import {Port} from "./channel.js" */

import { Boot } from "./boot.js";

/** Progress is reported at most this often, in milliseconds. */
const REPORT_EVERY = 60;

const isShared = "onconnect" in globalThis;

/** A page and its interpreter. */
class Seat {
  #port;
  /** @type {Step} */
  #step = "worker";
  #reported = 0;
  /** @type {Promise<(text: string, buffers: ArrayBuffer[]) => void> | undefined} */
  #kernel;
  #end = () => {};
  #isLeft = false;

  /** @param {Port} port */
  constructor(port) {
    this.#port = port;
    port.addEventListener("message", this.#listen);
  }

  /** Serve no longer; what is still on its way goes nowhere. */
  leave() {
    this.#isLeft = true;
    this.#end();
    this.#port.removeEventListener("message", this.#listen);
    this.#port = { postMessage: () => {}, addEventListener: () => {}, removeEventListener: () => {} };
  }

  /**
   * @param {any} error
   * @param {boolean} [fatal]  whether Python has ended with it
   */
  fail = (error, fatal = this.#step !== "running") => {
    /** @type {Failure} */
    const failure = {
      name: error?.name ?? "Error",
      message: error?.message ?? String(error),
      stack: error?.stack ?? "",
      step: error?.step ?? this.#step,
      fatal,
    };
    this.#post({ type: "fail", error: failure });
  };

  #listen = (/** @type {MessageEvent<Start | Envelope | Leave>} */ { data }) => {
    if (data.type === "start") {
      take(this, data);
      this.#kernel = this.#start(data);
      this.#kernel.catch((error) => this.fail(error, true));
    } else if (data.type === "message") {
      void this.#kernel?.then((receive) => receive(data.message, data.buffers));
    } else {
      give(this);
    }
  };

  /** @param {Start} start */
  async #start(start) {
    const began = performance.now();
    boot ??= new Boot(start, { keep: isShared });
    const { receive, end, how, wants } = await boot.start({
      report: (step, { loaded, total }, name) => {
        const now = performance.now();
        if (step === this.#step && now - this.#reported < REPORT_EVERY) return;
        this.#step = step;
        this.#reported = now;
        this.#post(/** @type {Progress} */ ({ type: "progress", step, loaded, total, name }));
      },
      send: (text, views) => {
        const buffers = views.map(ownBuffer);
        this.#post(/** @type {Envelope} */ ({ type: "message", message: text, buffers }), buffers);
      },
      onFatal: (error) => this.fail(error, true),
      aliveURL: start.aliveURL,
      data: start.data,
    });
    if (this.#isLeft) end();
    this.#end = end;
    this.#step = "running";
    this.#post(/** @type {Ready} */ ({ type: "ready", seconds: (performance.now() - began) / 1000, how, wants }));
    return receive;
  }

  /**
   * @param {object} data
   * @param {ArrayBuffer[]} [transfer]
   */
  #post(data, transfer = []) {
    this.#port.postMessage(data, transfer);
  }
}

/** What interpreters are made from. @type {Boot | undefined} */
let boot;
/** Who has the interpreter now. @type {Seat | undefined} */
let taken;

/**
 * @param {Seat} seat
 * @param {Start} start
 */
function take(seat, { lock }) {
  taken?.leave();
  taken = seat;
  // A page holds the lock for as long as it is there. When it is gone, nobody waits, and the next one is prepared for.
  if (isShared && lock) void navigator.locks.request(lock, () => give(seat));
}

/** @param {Seat} seat */
function give(seat) {
  seat.leave();
  if (taken !== seat) return;
  taken = undefined;
  boot?.prepare();
}

addEventListener("error", (event) => {
  event.preventDefault(); // or the page would hear of it twice
  taken?.fail(event.error ?? new Error(event.message));
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  taken?.fail(event.reason);
});
if (isShared) {
  addEventListener("connect", (/** @type {any} */ { ports: [port] }) => {
    new Seat(port);
    port.start();
    port.postMessage({ type: "hello" });
  });
} else {
  new Seat(/** @type {any} */ (globalThis));
}

/**
 * @param {Uint8Array} view
 * @returns {ArrayBuffer} of exactly the view's bytes, to give away
 */
function ownBuffer({ buffer, byteOffset, byteLength }) {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
