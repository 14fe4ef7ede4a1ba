// Makes snapshots: under Node when a site is built, and in the reader's browser where that did not happen.
//
// It takes two interpreters. The first imports what cells will import and shows something, to learn which modules and
// which libraries that takes. The second has these libraries linked at its start and imports the modules, no more:
// nothing that has ever run a cell is in a snapshot.

/** @import {Record} from "./snapshot.js" */

import { linkAtStart, MAIN, MODULE, mountFiles, SnapshotError } from "./snapshot.js";

/** Where each file lies in a block of bytes. @typedef {[path: string, offset: number, length: number][]} Index */

/** What a trial has found: modules, each with its file, if it has one, and libraries in the order in which they opened.
 * @typedef {{modules: [name: string, file: string][], libraries: string[]}} Found */

/** Bytes that the memory begins with; there is no growing before Python runs. */
const MEMORY = 64 << 20;
/** What the name of a library looks like that Python imports; others are there because libraries need them. */
const EXTENSION_MODULE = /\.(cpython-[^/]*|abi3)\.so$/;

/**
 * Do what cells will do; the interpreter is not to be used for anything afterwards.
 *
 * @param {any} pyodide
 * @param {string[]} modules  that cells import
 * @returns {Promise<Found>}
 */
export async function tryOut(pyodide, modules) {
  const found = await pyodide.pyimport("sphinxext_liveviz.kernel.trial").try_out(pyodide.toPy(modules));
  const { loadedLibsByName, loadedLibsByHandle } = pyodide._module.LDSO;
  const linked = Object.values(loadedLibsByName).map((/** @type {any} */ one) => one.name);
  const opened = Object.values(loadedLibsByHandle).map((/** @type {any} */ one) => one.name);
  // `loadPackage` links all extension modules of a package, whether something imports them or not.
  const isUsed = (/** @type {string} */ name) =>
    pyodide.FS.analyzePath(name).exists && (opened.includes(name) || !EXTENSION_MODULE.test(name));
  return { modules: found.toJs(), libraries: [...new Set(linked)].filter(isUsed) };
}

/**
 * Make a snapshot.
 *
 * @param {{loadPyodide: any, create: any}} pyodide  the loader, and Emscripten's factory of its module
 * @param {object} settings  of the loader
 * @param {{index: Index, content: Uint8Array<ArrayBuffer>}} files  the packages' and the kernel's
 * @param {Found} found  in a trial
 * @returns {Promise<{memory: Uint8Array, record: Record, inMemory: Set<string>}>}  `inMemory` are the paths of files
 *   that are needed no more
 */
export async function makeSnapshot({ loadPyodide, create }, settings, { index, content }, { modules, libraries }) {
  const places = new Map(index.map(([path, ...place]) => [path, place]));
  const compiled = Promise.all(
    libraries.map(async (name) => {
      const place = places.get(name);
      if (!place) throw new SnapshotError(`${name} is not among the packages' files`);
      return { name, module: await WebAssembly.compile(content.slice(place[0], place[0] + place[1])) };
    }),
  );
  /** @type {Promise<{base: number, linked: number}>} */
  let layout = Promise.reject(new SnapshotError("Pyodide did not ask for its module"));
  layout.catch(() => {});
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  const broken = new Promise((_, reject) => (fail = reject));
  compiled.catch(fail);
  const createPyodideModule = (/** @type {any} */ own) => {
    layout = linkAtStart(own, compiled, { memory: MEMORY });
    layout.catch(fail);
    return create(own);
  };
  const global = /** @type {any} */ (globalThis);
  global._createPyodideModule = createPyodideModule; // where older releases look for it
  try {
    const starting = loadPyodide({
      ...settings,
      createPyodideModule,
      _makeSnapshot: true,
      fsInit: async (/** @type {any} */ FS) => mountFiles(FS, index, content),
    });
    // Pyodide would wait for ever for libraries that cannot be linked.
    const pyodide = await Promise.race([starting, broken]);
    const home = pyodide.pyimport("sphinxext_liveviz.kernel.trial");
    const loaded = new Set(home.load(pyodide.toPy(modules.map(([name]) => name))).toJs());
    home.destroy();
    const { memory, record } = capture(pyodide, libraries, await layout);
    const paths = modules.filter(([name, path]) => path && loaded.has(name)).map(([, path]) => path);
    return { memory, record, inMemory: new Set([...paths, ...libraries]) };
  } finally {
    global._createPyodideModule = create;
  }
}

/**
 * Make a snapshot of an interpreter whose libraries were linked at its start.
 *
 * @param {any} pyodide
 * @param {string[]} names  of the libraries, in order
 * @param {{base: number, linked: number}} layout
 * @returns {{memory: Uint8Array, record: Record}}
 */
function capture(pyodide, names, { base, linked }) {
  const module = pyodide._module;
  const table = module.wasmTable;
  const { loadedLibsByName, loadedLibsByHandle } = module.LDSO;
  /** @type {Map<Function, [number, string]>} */
  const known = new Map();
  const note = (/** @type {any} */ owner, /** @type {number} */ place) => {
    for (const key of Object.keys(owner)) {
      if (typeof owner[key] === "function" && !known.has(owner[key])) known.set(owner[key], [place, key]);
    }
  };
  names.forEach((name, index) => note(loadedLibsByName[name].exports, index));
  note(loadedLibsByName.__main__.exports, MAIN);
  note(module, MODULE);

  /** @type {Record["entries"]} */
  const entries = [];
  let strange = 0;
  for (let index = linked; index < table.length; index++) {
    const found = table.get(index);
    const place = found && known.get(found);
    if (place) entries.push([index, place[0], place[1]]);
    else if (found) strange += 1;
  }
  if (strange) throw new SnapshotError(`${strange} functions of the table belong to nobody`);

  const opened = Object.entries(loadedLibsByHandle).filter(([handle]) => Number(handle) !== 0);
  /** @type {Record["handles"]} */
  const handles = opened.map(([handle, library]) => [Number(handle), names.indexOf(library.name)]);
  const late = opened.filter(([, library]) => !names.includes(library.name)).map(([, library]) => library.name);
  if (late.length) throw new SnapshotError(`${late.join(", ")} was not linked at the start`);

  const bytes = whileNothingIsLoaded(pyodide, () => pyodide.makeMemorySnapshot({ serializer }));
  const start = new Uint32Array(bytes.buffer, bytes.byteOffset, 2)[1];
  const header = btoa(String.fromCharCode(...bytes.subarray(0, start)));
  const memory = bytes.subarray(start);
  const record = { header, length: memory.length, base, linked, size: table.length, entries, handles };
  return { memory: withoutFinalZeros(memory), record };
}

/**
 * Pyodide makes snapshots only before any package is loaded: one of the objects that it must find again is the list.
 *
 * @template Result
 * @param {any} pyodide
 * @param {() => Result} make
 */
function whileNothingIsLoaded({ loadedPackages }, make) {
  const kept = { ...loadedPackages };
  for (const name of Object.keys(kept)) delete loadedPackages[name];
  try {
    return make();
  } finally {
    Object.assign(loadedPackages, kept);
  }
}

/** @param {Uint8Array} memory */
function withoutFinalZeros(memory) {
  let end = memory.length;
  while (end && !memory[end - 1]) end -= 1;
  return memory.subarray(0, end);
}

/**
 * Pyodide asks what to write for a JavaScript object that memory refers to and that it cannot find by itself.
 *
 * @param {any} value
 */
function serializer(value) {
  // Of a function its source is all there is; what it has closed over would be lost, and shows when it is called.
  if (typeof value === "function") return { source: Function.prototype.toString.call(value) };
  throw new SnapshotError(`Python holds a JavaScript object that cannot be kept: ${String(value)}`);
}
