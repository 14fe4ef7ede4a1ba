/** Which requests showed which display, so that an update finds all of its places. */
export class Displays {
  /** @type {Map<string, Set<string>>} display id to the `msg_id` of requests */
  #requests = new Map();

  /**
   * @param {string} displayId
   * @param {string} msgId
   */
  add(displayId, msgId) {
    this.#requests.set(displayId, this.requests(displayId).add(msgId));
  }

  /** @param {string} displayId */
  requests(displayId) {
    return new Set(this.#requests.get(displayId));
  }

  /** @param {string} msgId  of a request whose output is gone */
  forget(msgId) {
    for (const [displayId, requests] of this.#requests) {
      if (requests.delete(msgId) && !requests.size) this.#requests.delete(displayId);
    }
  }
}
