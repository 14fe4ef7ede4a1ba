/** @import {Message} from "./protocol.js" */

import { Turns } from "./turns.js";

/** @typedef {(message: Message) => void | PromiseLike<void>} Handler */

/** @typedef {(message: Message) => boolean | PromiseLike<boolean>} Hook */

/**
 * A request that was sent, and what comes back for it: the shape of Jupyter's `IShellFuture`.
 *
 * Until it is disposed, what a task of the request prints after its end still arrives.
 */
export class Future {
  /** @type {Handler} */
  onIOPub = () => {};
  /** @type {Handler} */
  onReply = () => {};
  /** @type {Handler} */
  onStdin = () => {};
  isDisposed = false;

  #turns = new Turns();
  /** @type {Hook[]} */
  #hooks = [];
  /** @type {Message | undefined} */
  #reply;
  #awaitsReply;
  #awaitsIdle = true;
  #onDone;
  #onDispose;
  /** @type {(reply: Message | undefined) => void} */
  #resolve = () => {};
  /** @type {(reason: Error) => void} */
  #reject = () => {};

  /**
   * @param {Message} msg  the request
   * @param {object} options
   * @param {boolean} options.expectReply  whether a reply on the shell channel comes before it is done
   * @param {(future: Future) => void} options.onDone
   * @param {() => void} options.onDispose
   */
  constructor(msg, { expectReply, onDone, onDispose }) {
    this.msg = msg;
    this.#awaitsReply = expectReply;
    this.#onDone = onDone;
    this.#onDispose = onDispose;
    /** Fulfilled with the reply, if there is one, when all has been handled; rejected when disposed before. */
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => {}); // whoever awaits it hears of it; nobody has to
  }

  /**
   * Let `hook` see each iopub message before `onIOPub` does. The newest hook goes first; one that returns false, or a
   * promise of it, keeps the message from the others and from `onIOPub`.
   *
   * @param {Hook} hook
   */
  registerMessageHook(hook) {
    this.#hooks = [hook, ...this.#hooks];
  }

  /** @param {Hook} hook */
  removeMessageHook(hook) {
    this.#hooks = this.#hooks.filter((other) => other !== hook);
  }

  /**
   * Take a message that answers this request.
   *
   * @param {Message} message
   * @returns {Promise<void>}
   */
  handle(message) {
    return this.#turns.add(() => (this.isDisposed ? undefined : this.#deliver(message)));
  }

  /** @param {Error} [reason]  what `done` is rejected with if it is still awaited */
  dispose(reason = new Error("The request was given up before it was answered")) {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#hooks = [];
    this.onIOPub = this.onReply = this.onStdin = () => {};
    this.#reject(reason);
    this.#onDispose();
  }

  /** @param {Message} message */
  async #deliver(message) {
    try {
      if (message.channel === "shell") {
        this.#reply = message;
        await this.onReply(message);
      } else if (await this.#passesHooks(message)) {
        await this.onIOPub(message);
      }
    } finally {
      this.#advance(message);
    }
  }

  /** @param {Message} message */
  async #passesHooks(message) {
    for (const hook of this.#hooks) {
      if (!this.#hooks.includes(hook)) continue; // removed by a hook before it
      try {
        if ((await hook(message)) === false) return false;
      } catch (error) {
        console.error("liveviz: a message hook failed", error);
      }
    }
    return true;
  }

  /** @param {Message} message */
  #advance(message) {
    if (message.channel === "shell") this.#awaitsReply = false;
    else if (message.header.msg_type === "status" && message.content.execution_state === "idle")
      this.#awaitsIdle = false;
    else return;
    if (this.#awaitsReply || this.#awaitsIdle || this.isDisposed) return;
    this.#resolve(this.#reply);
    this.#onDone(this);
  }
}
