// Runs the cells of a page in Pyodide: `node check.mjs`, with a job as JSON on stdin. Says on stdout, a JSON line each,
// what happens. It starts what the page would start, from the same files of the site.

import "../runtime/node/errors.mjs";
import { readFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Job
 * @property {string} page  URL of the page's file; the others are relative to it
 * @property {string} indexURL
 * @property {string} lockFileURL
 * @property {string} kernel
 * @property {string[]} packages
 * @property {string} directory
 * @property {[path: string, url: string][]} files
 * @property {Record<string, unknown>} settings  what the site's configuration says to the kernel
 * @property {string} mount  URL of the module that brings files to where cells read them
 * @property {{id: string, number: number, code: string, raises: string | null}[]} cells
 */

/** @type {Job} */
const job = JSON.parse(readFileSync(0, "utf8"));
/** @param {string} url */
const place = (url) => fileURLToPath(new URL(url, job.page));
/** @param {object} entry */
const say = (entry) => {
  const line = Buffer.from(`${JSON.stringify(entry)}\n`);
  for (let sent = 0; sent < line.length; ) {
    try {
      sent += writeSync(1, line, sent);
    } catch (error) {
      if (/** @type {any} */ (error).code !== "EAGAIN") throw error;
    }
  }
};

// Modules that import these names from `js` find them in browsers; Node need only have something of the name.
const global = /** @type {any} */ (globalThis);
global.XMLHttpRequest ??= class XMLHttpRequest {};
global.self ??= globalThis;

const began = performance.now();
const { loadPyodide } = await import(new URL("pyodide.mjs", new URL(job.indexURL, job.page)).href);
const quiet = () => {};
const pyodide = await loadPyodide({
  indexURL: place(job.indexURL),
  lockFileURL: place(job.lockFileURL),
  stdout: quiet,
  stderr: quiet,
});
/** @type {string[]} */
const complaints = [];
if (job.packages.length) {
  const errorCallback = (/** @type {string} */ text) => complaints.push(text);
  await pyodide.loadPackage(job.packages, { messageCallback: quiet, errorCallback });
}
const locked = JSON.parse(readFileSync(place(job.lockFileURL), "utf8")).packages;
const missing = job.packages.filter((key) => !(locked[key].name in pyodide.loadedPackages));
if (missing.length) throw new Error(`${missing.join(", ")} could not be loaded. ${complaints.join(" ")}`);
const purelib = pyodide.runPython("import sysconfig; sysconfig.get_path('purelib')");
pyodide.unpackArchive(new Uint8Array(readFileSync(place(job.kernel))), "zip", { extractDir: purelib });
pyodide.runPython("import importlib; importlib.invalidate_caches()");
const { mount } = await import(new URL(job.mount, job.page).href);
const disk = { fetch: async (/** @type {string} */ url) => new Response(await readFile(place(url))) };
await mount(pyodide.FS, job, disk);

let cell = "";
/** @type {(reply: any) => void} */
let answer = quiet;
/** @param {string} text */
const send = (text) => {
  const message = JSON.parse(text);
  const type = message.header.msg_type;
  if (type === "execute_reply") answer(message.content);
  else if (!type.startsWith("comm_") && type !== "status") say({ type: "message", cell, message });
};
const receive = pyodide.pyimport("sphinxext_liveviz.kernel.browser").start(send);
say({ type: "ready", seconds: (performance.now() - began) / 1000 });
for (const { id, number, code, raises } of job.cells) {
  cell = id;
  say({ type: "request", cell });
  const start = performance.now();
  const header = { msg_id: id, msg_type: "execute_request" };
  const metadata = { liveviz: { cell: id, number, settings: job.settings } };
  const request = { header, parent_header: {}, metadata, content: { code }, channel: "shell" };
  const replied = new Promise((resolve) => (answer = resolve));
  receive(JSON.stringify(request), []);
  const reply = await replied;
  say({ type: "reply", cell, reply, seconds: (performance.now() - start) / 1000 });
  if (reply.status === "error" && (raises === null || (raises && raises.split(".").at(-1) !== reply.ename))) break;
}
say({ type: "end", memory: pyodide._module.HEAP8.length });
process.exit(0); // what cells left running would keep Node alive
