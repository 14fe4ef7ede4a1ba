// Makes the snapshot of an image: `node snapshot.mjs`, with a job as JSON on stdin.

import "./errors.mjs";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * @typedef {object} Job
 * @property {string} core  directory of Pyodide's core
 * @property {string} glue  name of the main module's JavaScript in it
 * @property {string} library  path of the archive of the standard library
 * @property {string} files  path of the image's files, side by side
 * @property {[path: string, offset: number, length: number][]} index  where each lies in it
 * @property {string[]} modules  to import
 * @property {string} scripts  URL of the directory of the front end's modules
 * @property {string} memory  path to write the memory to
 * @property {string} record  path to write the rest to: the record, the libraries, and the files of what is imported
 */

/** @type {Job} */
const job = JSON.parse(readFileSync(0, "utf8"));
const { makeSnapshot, tryOut } = await import(`${job.scripts}capture.js`);
const { mountFiles } = await import(`${job.scripts}snapshot.js`);

// Modules that import these names from `js` find them in browsers; Node need only have something of the name.
/** @type {any} */ (globalThis).XMLHttpRequest ??= class XMLHttpRequest {};
/** @type {any} */ (globalThis).self ??= globalThis;

const files = { index: job.index, content: new Uint8Array(readFileSync(job.files)) };
const { loadPyodide } = await import(pathToFileURL(`${job.core}/pyodide.mjs`).href);
const glue = await import(pathToFileURL(`${job.core}/${job.glue}`).href);
// Newer releases export it, older ones make it global.
const create = /** @type {any} */ (globalThis)._createPyodideModule ?? glue.default;
const settings = { indexURL: job.core, stdLibURL: job.library };

const trial = await loadPyodide({
  ...settings,
  createPyodideModule: create,
  fsInit: async (/** @type {any} */ FS) => mountFiles(FS, files.index, files.content),
});
const found = await tryOut(trial, job.modules);
const { memory, record, inMemory } = await makeSnapshot({ loadPyodide, create }, settings, files, found);
writeFileSync(job.memory, memory);
writeFileSync(job.record, JSON.stringify({ record, libraries: found.libraries, inMemory: [...inMemory] }));
console.log(JSON.stringify({ libraries: found.libraries.length, bytes: memory.length }));
process.exit(0); // what the interpreters left running would keep Node alive
