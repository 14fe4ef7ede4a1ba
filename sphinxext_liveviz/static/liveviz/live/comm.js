/** @import {Buffer} from "./protocol.js" */
/** @import {Future, Handler} from "./future.js" */

import { Turns } from "./turns.js";

/**
 * The page's end of a comm: the shape of Jupyter's `IComm`.
 *
 * Messages from Python are handled one at a time, in order: what arrives while the target's callback or a handler is
 * still at work waits for it.
 */
export class Comm {
  /** @type {Handler} */
  onMsg = () => {};
  /** @type {Handler} */
  onClose = () => {};
  isDisposed = false;

  #turns = new Turns();
  #request;
  #onDispose;

  /**
   * @param {string} targetName
   * @param {string} commId
   * @param {(type: string, content: object, metadata?: object, buffers?: Buffer[]) => Future} request
   * @param {() => void} onDispose
   */
  constructor(targetName, commId, request, onDispose) {
    this.targetName = targetName;
    this.commId = commId;
    this.#request = request;
    this.#onDispose = onDispose;
  }

  /**
   * @param {any} [data]
   * @param {object} [metadata]
   * @param {Buffer[]} [buffers]
   * @returns {Future} done when Python has handled it
   */
  open(data = {}, metadata, buffers) {
    this.#mustBeOpen();
    return this.#request("comm_open", { comm_id: this.commId, target_name: this.targetName, data }, metadata, buffers);
  }

  /**
   * @param {any} data
   * @param {object} [metadata]
   * @param {Buffer[]} [buffers]
   * @returns {Future} done when Python has handled it
   */
  send(data, metadata, buffers) {
    this.#mustBeOpen();
    return this.#request("comm_msg", { comm_id: this.commId, data }, metadata, buffers);
  }

  /**
   * @param {any} [data]
   * @param {object} [metadata]
   * @param {Buffer[]} [buffers]
   * @returns {Future} done when Python has handled it
   */
  close(data = {}, metadata, buffers) {
    this.#mustBeOpen();
    const future = this.#request("comm_close", { comm_id: this.commId, data }, metadata, buffers);
    const { onClose } = this;
    this.dispose();
    void this.#turns.add(() => onClose(future.msg));
    return future;
  }

  /**
   * Have a message from Python handled in its turn.
   *
   * @param {() => unknown} handler
   */
  deliver(handler) {
    return this.#turns.add(() => (this.isDisposed ? undefined : handler()));
  }

  dispose() {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.onMsg = this.onClose = () => {};
    this.#onDispose();
  }

  #mustBeOpen() {
    if (this.isDisposed) throw new Error(`The comm ${this.commId} (${this.targetName}) is closed`);
  }
}
