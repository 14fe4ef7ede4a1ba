/** Milliseconds between two looks. */
const EVERY = 200;
/** The number of SIGINT. */
const INTERRUPT = 2;

/**
 * Tells Python, while it computes, that its page has no use for it any more: a `KeyboardInterrupt` ends the cell.
 *
 * Python looks into an *interrupt buffer* now and then: memory that it shares with the page. Sites would have to send
 * special headers for that, and a SharedWorker shares none at all. So this takes the buffer's place: what looks like
 * reading a number asks for a `blob:` URL, which is there until the page revokes it, or is gone itself.
 */
export class Alive {
  #url;
  #looked = performance.now();
  #isOver = false;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  get 0() {
    const now = performance.now();
    if (this.#isOver || now - this.#looked < EVERY) return 0;
    this.#looked = now;
    this.#isOver = !isThere(this.#url);
    return this.#isOver ? INTERRUPT : 0;
  }

  set 0(_) {
    // Python takes note of an interrupt by setting it to 0.
  }
}

/** @param {string} url */
function isThere(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false); // there is no other way to ask while Python computes
  try {
    request.send();
    return true;
  } catch {
    return false;
  }
}
