// Makes the snapshot of an image: `node snapshot.mjs`, with a job as JSON on stdin.
//
// Two interpreters are started. The first imports what cells will import and shows something, to learn which modules
// and which libraries that takes. The second has these libraries linked at its start and imports the modules, no more:
// nothing that has ever run a cell is in the snapshot.

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
const { capture, linkAtStart, mountFiles } = await import(`${job.scripts}snapshot.js`);

// Modules that import these names from `js` find them in browsers; Node need only have something of the name.
/** @type {any} */ (globalThis).XMLHttpRequest ??= class XMLHttpRequest {};
/** @type {any} */ (globalThis).self ??= globalThis;

const content = new Uint8Array(readFileSync(job.files));
const { loadPyodide } = await import(pathToFileURL(`${job.core}/pyodide.mjs`).href);
const glue = await import(pathToFileURL(`${job.core}/${job.glue}`).href);
// Newer releases export it, older ones make it global.
const create = /** @type {any} */ (globalThis)._createPyodideModule ?? glue.default;

/**
 * @param {boolean} forSnapshot
 * @param {(settings: any) => any} createPyodideModule
 */
async function start(forSnapshot, createPyodideModule) {
  /** @type {any} */ (globalThis)._createPyodideModule = createPyodideModule;
  return loadPyodide({
    indexURL: job.core,
    stdLibURL: job.library,
    createPyodideModule,
    _makeSnapshot: forSnapshot,
    fsInit: async (/** @type {any} */ FS) => mountFiles(FS, job.index, content),
  });
}

/** @returns {Promise<{modules: [name: string, file: string][], libraries: string[]}>} */
async function tryOut() {
  const pyodide = await start(false, create);
  const scope = pyodide.toPy({ modules: job.modules });
  const trial = readFileSync(new URL("trial.py", import.meta.url), "utf8");
  await pyodide.runPythonAsync(trial, { globals: scope });
  /** @type {[string, string][]} */
  const modules = Object.entries(JSON.parse(scope.get("imported")));
  const opened = Object.values(pyodide._module.LDSO.loadedLibsByName).map((/** @type {any} */ one) => one.name);
  const paths = new Set(job.index.map(([path]) => path));
  return { modules, libraries: [...new Set(opened)].filter((name) => paths.has(name)) };
}

const { modules, libraries } = await tryOut();
const compiled = Promise.all(
  libraries.map(async (name) => {
    const [, offset, length] = /** @type {[string, number, number]} */ (job.index.find(([path]) => path === name));
    return { name, module: await WebAssembly.compile(content.slice(offset, offset + length)) };
  }),
);
/** @type {Promise<{base: number, linked: number}> | undefined} */
let layout;
const pyodide = await start(true, (settings) => {
  layout = linkAtStart(settings, compiled, { memory: 64 << 20 });
  return create(settings);
});
const load = pyodide.runPython(`
def load(names):
    import gc, importlib

    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            pass  # What a trial has imported is not always there to be imported by name.
    gc.collect()

load
`);
load(pyodide.toPy(modules.map(([name]) => name)));
load.destroy();
pyodide.runPython("del load");
const loaded = new Set(pyodide.runPython("import sys; list(sys.modules)").toJs());
pyodide.runPython("del sys");
const { memory, record } = capture(pyodide, libraries, await layout);
writeFileSync(job.memory, memory);
const files = modules.filter(([name, path]) => path && loaded.has(name)).map(([, path]) => path);
writeFileSync(job.record, JSON.stringify({ record, libraries, files }));
console.log(JSON.stringify({ modules: loaded.size, libraries: libraries.length, bytes: memory.length }));
process.exit(0); // what the interpreters left running would keep Node alive
