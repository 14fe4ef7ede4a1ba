// Widgets with Python behind them, over the comms of a kernel.

/** @import {ICallbacks, IClassicComm} from "@jupyter-widgets/base" */
/** @import {CommOpened, ShowOutputs, WorkerKernel} from "../../sphinxext_liveviz/static/liveviz/live/protocol.js" */

import { Manager } from "./manager.js";

/** @type {WeakMap<object, LiveManager>} */
const managers = new WeakMap();
/** Of the kernel that the page has. @type {LiveManager | undefined} */
let current;

export function currentManager() {
  if (!current) throw new Error("there is no Python behind this page");
  return current;
}

/** @param {WorkerKernel} kernel */
export function liveManager(kernel) {
  let manager = managers.get(kernel);
  if (!manager) managers.set(kernel, (manager = current = new LiveManager(kernel)));
  return manager;
}

/** @type {CommOpened} */
export async function openModel(comm, message, kernel) {
  const manager = liveManager(kernel);
  await manager.handle_comm_open(manager.wrap(comm), /** @type {any} */ (message));
}

class LiveManager extends Manager {
  #kernel;

  /** @param {WorkerKernel} kernel */
  constructor(kernel) {
    const show = /** @type {ShowOutputs} */ (liveviz.showOutputs);
    super((_, view) => show(view.el, { kernel, area: () => this.areaOf(view) }));
    this.#kernel = kernel;
  }

  /** @param {any} comm */
  wrap(comm) {
    return /** @type {IClassicComm} */ (/** @type {unknown} */ (new LiveComm(comm, this)));
  }

  /**
   * @override
   * @param {string} target
   * @param {string} [modelId]
   * @param {any} [data]
   * @param {any} [metadata]
   * @param {any} [buffers]
   * @returns {Promise<any>}
   */
  async _create_comm(target, modelId, data, metadata, buffers) {
    const comm = this.wrap(this.#kernel.createComm(target, modelId));
    if (data || metadata) comm.open(data, this.callbacks(), metadata, buffers);
    return comm;
  }
}

/**
 * A comm as models know it. What Python says while it deals with a message goes to the cell that shows the view that
 * has sent it or, where the widget does not tell, a view of its model.
 */
class LiveComm {
  #comm;
  #manager;

  /**
   * @param {any} comm  with the shape of IComm
   * @param {LiveManager} manager
   */
  constructor(comm, manager) {
    this.#comm = comm;
    this.#manager = manager;
  }

  get comm_id() {
    return this.#comm.commId;
  }

  get target_name() {
    return this.#comm.targetName;
  }

  /**
   * @param {any} data
   * @param {ICallbacks} [callbacks]
   * @param {any} [metadata]
   * @param {any} [buffers]
   */
  open(data, callbacks, metadata, buffers) {
    return this.#follow(this.#comm.open(data, metadata, buffers), callbacks);
  }

  /**
   * @param {any} data
   * @param {ICallbacks} [callbacks]
   * @param {any} [metadata]
   * @param {any} [buffers]
   */
  send(data, callbacks, metadata, buffers) {
    return this.#follow(this.#comm.send(data, metadata, buffers), callbacks);
  }

  /**
   * @param {any} [data]
   * @param {ICallbacks} [callbacks]
   * @param {any} [metadata]
   * @param {any} [buffers]
   */
  close(data, callbacks, metadata, buffers) {
    return this.#follow(this.#comm.close(data, metadata, buffers), callbacks);
  }

  /** @param {(message: any) => any} handler */
  on_msg(handler) {
    this.#comm.onMsg = handler;
  }

  /** @param {(message: any) => void} handler */
  on_close(handler) {
    this.#comm.onClose = handler;
  }

  /**
   * @param {any} future
   * @param {ICallbacks} [callbacks]
   * @returns {string} id of the message
   */
  #follow(future, { iopub } = {}) {
    future.onIOPub = async (/** @type {any} */ message) => {
      if (message.header.msg_type === "status") iopub?.status?.(message);
      else if (iopub?.output) iopub.output(message);
      else (await this.#manager.areaOfModel(this.comm_id))?.handle(message);
    };
    return future.msg.header.msg_id;
  }
}
