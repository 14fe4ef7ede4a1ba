// Jupyter widgets: their comms go to the script that draws them, which is loaded when the first of them opens.

/** @import {Page} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */

import { OutputList } from "./outputs.js";

const TARGET = "jupyter.widget";
const MIME = "application/vnd.jupyter.widget-view+json";

/**
 * Be ready for the models of a kernel's widgets. Their messages wait until the script is there.
 *
 * @param {Page} page
 * @param {WorkerKernel} kernel
 */
export function register(page, kernel) {
  page.showOutputs = (element, home) => new OutputList(element, { page, ...home });
  kernel.registerCommTarget(TARGET, async (comm, message) => {
    await page.drawer(MIME);
    await page.commTargets[TARGET](comm, message, kernel);
  });
}
