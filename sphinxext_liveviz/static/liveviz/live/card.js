/** @import {Failure, Page} from "./protocol.js" */

import { RuntimeFailure } from "./runtime.js";

/** What was being done, by step: what the card is called. */
const TITLES = {
  worker: "The browser could not start a worker",
  core: "Python could not be loaded",
  packages: "A package could not be loaded",
  kernel: "Python could not be set up",
  running: "Python has stopped",
};

/** What that means for the reader. */
const TEXTS = {
  worker: "Live code runs in a background worker of this browser, which was refused.",
  core: "The files of Pyodide, which is Python for the browser, could not all be fetched and started.",
  packages: "A package that this page imports could not be fetched and installed.",
  kernel: "Pyodide runs, but what answers this page's cells could not be started in it.",
  running: "Python ended in the middle of its work. All that the cells of this page had computed live is lost.",
};

/**
 * Show in a cell why there is no Python.
 *
 * @param {Page} page
 * @param {HTMLElement} cell
 * @param {unknown} error
 * @param {{retry: () => void, dismiss: () => void}} actions
 */
export function showFailure(page, cell, error, { retry, dismiss }) {
  const { step, name, message, stack } = failureOf(error);
  const offline = navigator.onLine ? "" : " This device is offline.";
  page.showCard(cell, {
    title: TITLES[step],
    text: TEXTS[step] + offline,
    details: [`${name}: ${message}`, stack.includes(message) ? "" : stack].filter(Boolean).join("\n"),
    actions: [
      ["Try again", retry],
      ["Show static output", dismiss],
    ],
  });
}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
function failureOf(error) {
  if (error instanceof RuntimeFailure) return error.failure;
  const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, step: "running", fatal: true };
}
