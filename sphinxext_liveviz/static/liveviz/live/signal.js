/**
 * A list of listeners, with the shape of the signals of Jupyter's front-end libraries.
 *
 * @template Sender, Args
 */
export class Signal {
  #sender;
  /** @type {{slot: (sender: Sender, args: Args) => void, thisArg: unknown}[]} */
  #connections = [];

  /** @param {Sender} sender */
  constructor(sender) {
    this.#sender = sender;
  }

  /**
   * @param {(sender: Sender, args: Args) => void} slot
   * @param {unknown} [thisArg]
   * @returns {boolean} false when it was connected already
   */
  connect(slot, thisArg) {
    if (this.#find(slot, thisArg) >= 0) return false;
    this.#connections = [...this.#connections, { slot, thisArg }];
    return true;
  }

  /**
   * @param {(sender: Sender, args: Args) => void} slot
   * @param {unknown} [thisArg]
   * @returns {boolean} whether it was connected
   */
  disconnect(slot, thisArg) {
    const index = this.#find(slot, thisArg);
    if (index < 0) return false;
    this.#connections = this.#connections.filter((_, other) => other !== index);
    return true;
  }

  /** @param {Args} args */
  emit(args) {
    for (const { slot, thisArg } of this.#connections) {
      try {
        slot.call(thisArg, this.#sender, args);
      } catch (error) {
        console.error("liveviz: a listener failed", error);
      }
    }
  }

  /**
   * @param {Function} slot
   * @param {unknown} thisArg
   */
  #find(slot, thisArg) {
    return this.#connections.findIndex((one) => one.slot === slot && one.thisArg === thisArg);
  }
}
