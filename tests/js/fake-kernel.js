/** @import {Envelope} from "../../sphinxext_liveviz/static/liveviz/live/protocol.js" */

import { WorkerKernel } from "../../sphinxext_liveviz/static/liveviz/live/channel.js";

/** The worker's side of a channel, played by a test. */
export class FakeKernel {
  /** What the page sent, in order.
   * @type {any[]} */
  received = [];
  #channel = new MessageChannel();
  #count = 0;
  /** @type {(() => void)[]} */
  #waiting = [];

  constructor() {
    const { port1, port2 } = this.#channel;
    port1.onmessage = ({ data }) => {
      this.received.push({ ...JSON.parse(data.message), buffers: data.buffers });
      for (const wake of this.#waiting.splice(0)) wake();
    };
    this.kernel = new WorkerKernel(port2);
    port2.start();
  }

  /**
   * Wait for the next request of a type.
   *
   * @param {string} type
   * @returns {Promise<any>}
   */
  async request(type) {
    for (;;) {
      const index = this.received.findIndex(({ header }) => header.msg_type === type);
      if (index >= 0) return this.received.splice(index, 1)[0];
      await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
    }
  }

  /**
   * Send a message to the page; fulfilled when the page has had it.
   *
   * @param {string} type
   * @param {object} content
   * @param {any} [parent]  the request that it answers
   * @param {ArrayBuffer[]} [buffers]
   */
  async send(type, content, parent, buffers = []) {
    const message = {
      header: { msg_id: `kernel-${++this.#count}`, msg_type: type },
      parent_header: parent ? { msg_id: parent.header.msg_id } : {},
      metadata: {},
      content,
      channel: type.endsWith("_reply") ? "shell" : "iopub",
    };
    /** @type {Envelope} */
    const envelope = { type: "message", message: JSON.stringify(message), buffers };
    const arrived = new Promise((resolve) => this.#channel.port2.addEventListener("message", resolve, { once: true }));
    this.#channel.port1.postMessage(envelope, buffers);
    await arrived;
  }

  /**
   * @param {any} parent
   * @param {object} [reply]
   */
  async finish(parent, reply = { status: "ok" }) {
    if (parent.header.msg_type === "execute_request") await this.send("execute_reply", reply, parent);
    await this.send("status", { execution_state: "idle" }, parent);
  }

  close() {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}

/** A promise and the two ends of it. */
export function deferred() {
  /** @type {(value?: any) => void} */
  let resolve = () => {};
  /** @type {(reason: unknown) => void} */
  let reject = () => {};
  const promise = new Promise((one, other) => {
    resolve = one;
    reject = other;
  });
  return { promise, resolve, reject };
}

/** Let all promises that are settled already have their callbacks. */
export function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}
