// Compiles Python sources with Pyodide's own Python: `node compile.mjs`, with a job as JSON on stdin.

import "./errors.mjs";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * @typedef {object} Job
 * @property {string} core  directory of Pyodide's core
 * @property {{tree: string, prefix: string}[]} trees  directories, and where their files will be
 */

/** @type {Job} */
const { core, trees } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: core });
pyodide.runPython(readFileSync(new URL("compile.py", import.meta.url), "utf8"));
const compile = pyodide.globals.get("compile_tree");
let count = 0;
for (const { tree, prefix } of trees) {
  pyodide.FS.mkdirTree("/tree");
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: tree }, "/tree");
  count += compile("/tree", prefix);
  pyodide.FS.unmount("/tree");
}
console.log(JSON.stringify({ count }));
