/** Runs tasks one after another. A task that fails is reported, and the next one still has its turn. */
export class Turns {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {() => unknown} task  what it returns is awaited before the next task
   * @returns {Promise<void>} fulfilled when the task has ended, well or not
   */
  add(task) {
    const turn = this.#last.then(task).then(
      () => {},
      (error) => console.error("liveviz: a message handler failed", error),
    );
    this.#last = turn;
    return turn;
  }
}
