/** @import {Buffer, Envelope, Message} from "./protocol.js" */
/** @import {Hook} from "./future.js" */

import { Comm } from "./comm.js";
import { Displays } from "./displays.js";
import { Future } from "./future.js";
import { Signal } from "./signal.js";

/**
 * What a kernel needs of a `Worker` or `MessagePort`.
 *
 * @typedef {object} Port
 * @property {(data: any, transfer: ArrayBuffer[]) => void} postMessage
 * @property {(type: "message" | "messageerror", listener: (event: any) => void) => void} addEventListener
 * @property {(type: "message", listener: (event: any) => void) => void} removeEventListener
 */

/** @typedef {(comm: Comm, message: Message) => void | PromiseLike<void>} CommTarget */

/** How many comm requests are listened to after they are done, for what the tasks that they started print. */
const LINGERING = 64;

/**
 * The kernel in a worker, with the part of the shape of Jupyter's `IKernelConnection` that widgets and outputs use.
 * All that is above it works the same over a connection to a Jupyter server.
 */
export class WorkerKernel {
  /** @type {"starting" | "idle" | "busy" | "dead"} */
  status = "starting";
  isDisposed = false;
  /** @type {Signal<WorkerKernel, Message>} */
  iopubMessage = new Signal(/** @type {WorkerKernel} */ (this));
  /** @type {Signal<WorkerKernel, WorkerKernel["status"]>} */
  statusChanged = new Signal(/** @type {WorkerKernel} */ (this));

  #port;
  #session = randomHex(8);
  #count = 0;
  /** @type {Map<string, Future>} */
  #futures = new Map();
  /** @type {Future[]} */
  #lingering = [];
  /** @type {Map<string, Comm>} */
  #comms = new Map();
  /** @type {Map<string, CommTarget>} */
  #targets = new Map();
  #displays = new Displays();

  /** @param {Port} port */
  constructor(port) {
    this.#port = port;
    /** What a `kernel_info_reply` says. */
    this.info = Promise.resolve({
      status: "ok",
      protocol_version: "5.4",
      implementation: "liveviz",
      language_info: { name: "python", mimetype: "text/x-python", file_extension: ".py" },
    });
    port.addEventListener("message", this.#listen);
  }

  /**
   * Run code.
   *
   * @param {{code: string, silent?: boolean, store_history?: boolean}} content
   * @param {boolean} [disposeOnDone]  false: the future also gets what comes after the code has ended
   * @param {object} [metadata]
   * @returns {Future} done, with the `execute_reply`, when the code has ended
   */
  requestExecute(content, disposeOnDone = true, metadata = {}) {
    const full = { silent: false, store_history: true, user_expressions: {}, allow_stdin: false, ...content };
    const onDone = (/** @type {Future} */ future) => void (disposeOnDone && future.dispose());
    return this.#request("execute_request", full, metadata, [], { onDone, expectReply: true });
  }

  /**
   * @param {string} targetName
   * @param {string} [commId]
   * @returns {Comm} the page's end; `open()` tells Python of it
   */
  createComm(targetName, commId = this.#newId()) {
    if (this.#comms.has(commId)) throw new Error(`There is a comm ${commId} already`);
    const comm = new Comm(
      targetName,
      commId,
      (type, content, metadata, buffers) =>
        this.#request(type, content, metadata, buffers, { onDone: this.#linger, expectReply: false }),
      () => this.#comms.delete(commId),
    );
    this.#comms.set(commId, comm);
    return comm;
  }

  /** @param {string} commId */
  hasComm(commId) {
    return this.#comms.has(commId);
  }

  /**
   * Call `callback` for each comm that Python opens under this name.
   *
   * @param {string} targetName
   * @param {CommTarget} callback  the comm's messages wait until what it returns is settled
   */
  registerCommTarget(targetName, callback) {
    this.#targets.set(targetName, callback);
  }

  /**
   * @param {string} targetName
   * @param {CommTarget} callback
   */
  removeCommTarget(targetName, callback) {
    if (this.#targets.get(targetName) === callback) this.#targets.delete(targetName);
  }

  /**
   * @param {string} msgId  of a request whose future is not disposed
   * @param {Hook} hook
   */
  registerMessageHook(msgId, hook) {
    this.#futures.get(msgId)?.registerMessageHook(hook);
  }

  /**
   * @param {string} msgId
   * @param {Hook} hook
   */
  removeMessageHook(msgId, hook) {
    this.#futures.get(msgId)?.removeMessageHook(hook);
  }

  /** @param {Error} [reason]  what requests that are still open are rejected with */
  dispose(reason) {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#port.removeEventListener("message", this.#listen);
    for (const future of [...this.#futures.values()]) future.dispose(reason);
    for (const comm of [...this.#comms.values()]) comm.dispose();
    this.#setStatus("dead");
  }

  // -- page to Python -----------------------------------------------------------

  /**
   * @param {string} msgType
   * @param {object} content
   * @param {object | undefined} metadata
   * @param {Buffer[] | undefined} buffers
   * @param {{onDone: (future: Future) => void, expectReply: boolean}} options
   */
  #request(msgType, content, metadata = {}, buffers = [], options) {
    if (this.isDisposed) throw new Error("The kernel has ended");
    const id = this.#newId();
    const message = {
      header: { msg_id: id, msg_type: msgType },
      parent_header: {},
      metadata,
      content,
      channel: /** @type {"shell"} */ ("shell"),
    };
    // Copies, because what is transferred is lost to the caller.
    const copies = buffers.map(copyBuffer);
    const future = new Future({ ...message, buffers: [] }, { ...options, onDispose: () => this.#forget(id) });
    this.#futures.set(id, future);
    /** @type {Envelope} */
    const envelope = { type: "message", message: JSON.stringify(message), buffers: copies };
    this.#port.postMessage(envelope, copies);
    return future;
  }

  #newId() {
    return `${this.#session}_${++this.#count}`;
  }

  /** @param {Future} future */
  #linger = (future) => {
    this.#lingering.push(future);
    if (this.#lingering.length > LINGERING) this.#lingering.shift()?.dispose();
  };

  /** @param {string} msgId */
  #forget(msgId) {
    this.#futures.delete(msgId);
    this.#displays.forget(msgId);
  }

  // -- Python to page -----------------------------------------------------------

  /** @param {{data: Envelope}} event */
  #listen = ({ data }) => {
    if (data.type !== "message") return;
    const buffers = data.buffers.map((buffer) => new DataView(buffer));
    this.#receive({ ...JSON.parse(data.message), buffers });
  };

  /** @param {Message} message */
  #receive(message) {
    const parent = message.parent_header.msg_id;
    if (!this.#routeDisplay(message) && parent) void this.#futures.get(parent)?.handle(message);
    if (message.channel !== "iopub") return;
    const type = message.header.msg_type;
    if (type === "status") this.#setStatus(message.content.execution_state);
    else if (type === "comm_open") this.#openComm(message);
    else if (type === "comm_msg") this.#withComm(message, (comm) => comm.onMsg(message));
    else if (type === "comm_close") this.#withComm(message, (comm) => this.#closeComm(comm, message));
    this.iopubMessage.emit(message);
  }

  /**
   * Bring a display's new content to every request that it was shown for, and remember where displays are shown.
   *
   * @param {Message} message
   * @returns {boolean} whether there is nothing left to deliver
   */
  #routeDisplay(message) {
    const type = message.header.msg_type;
    if (!["display_data", "execute_result", "update_display_data"].includes(type)) return false;
    const displayId = message.content.transient?.display_id;
    if (displayId === undefined) return false;
    for (const parent of this.#displays.requests(displayId)) {
      const header = { ...message.header, msg_type: "update_display_data" };
      void this.#futures.get(parent)?.handle({ ...message, header, parent_header: { msg_id: parent } });
    }
    if (type === "update_display_data") return true;
    const parent = message.parent_header.msg_id;
    if (parent && this.#futures.has(parent)) this.#displays.add(displayId, parent);
    return false;
  }

  /** @param {Message} message */
  #openComm(message) {
    const { target_name: targetName, comm_id: commId } = message.content;
    const comm = this.createComm(targetName, commId);
    const target = this.#targets.get(targetName);
    if (!target) {
      console.warn(`liveviz: Python opened a comm that nothing here knows (${targetName})`);
      comm.close();
      return;
    }
    void comm.deliver(async () => {
      try {
        await target(comm, message);
      } catch (error) {
        if (!comm.isDisposed) comm.close();
        throw error;
      }
    });
  }

  /**
   * @param {Comm} comm
   * @param {Message} message
   */
  async #closeComm(comm, message) {
    try {
      await comm.onClose(message);
    } finally {
      comm.dispose();
    }
  }

  /**
   * @param {Message} message
   * @param {(comm: Comm) => unknown} handler
   */
  #withComm(message, handler) {
    const comm = this.#comms.get(message.content.comm_id);
    // One that is closed here already: the message and our close crossed on the way.
    if (comm) void comm.deliver(() => handler(comm));
  }

  /** @param {WorkerKernel["status"]} status */
  #setStatus(status) {
    if (this.status === status) return;
    this.status = status;
    this.statusChanged.emit(status);
  }
}

/** @param {number} bytes */
function randomHex(bytes) {
  // Not randomUUID, which pages on a plain http address do not have.
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Buffer} buffer
 * @returns {ArrayBuffer}
 */
function copyBuffer(buffer) {
  if (buffer instanceof ArrayBuffer) return buffer.slice(0);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice().buffer;
}
