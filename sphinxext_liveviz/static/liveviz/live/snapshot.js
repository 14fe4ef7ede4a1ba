// Memory snapshots of a started Pyodide, extension modules included; capture.js makes them, this restores them.
//
// Pyodide's own snapshots know nothing of extension modules (WebAssembly side modules), which need the same addresses
// and the same places in the function table when the memory that points to them comes back. So maker and restorer link
// the same list in the same order before Python starts, when the linker does nothing but count upwards: then addresses
// and places agree. That they do is checked. `__mk` names below are those of Emscripten and Pyodide.

/** @typedef {{name: string, module: WebAssembly.Module}} Library  path in the file system, and its compiled code */

/**
 * What must be known of a snapshot besides its memory.
 *
 * @typedef {object} Record
 * @property {string} header  Pyodide's own part of a snapshot, in base64
 * @property {number} length  bytes of the memory, most of the last ones being zero
 * @property {number} base  entries of the function table when the libraries began to be linked
 * @property {number} linked  when they were linked
 * @property {number} size  when the snapshot was made
 * @property {[index: number, library: number, name: string][]} entries  functions that entered the table since; the
 *   library is an index into the list, or one of MAIN and MODULE
 * @property {[handle: number, library: number][]} handles  of opened libraries
 */

/** Places of a function that is no library's: exports of the main module, or properties of the Module object. */
export const MAIN = -1;
export const MODULE = -2;

/** Thrown when a snapshot cannot be made of this interpreter, or restored in this browser. */
export class SnapshotError extends Error {
  /** @override */
  name = "SnapshotError";
}

/**
 * Where linking begins in the function table. Browsers put one entry or two into it at the start, depending on what
 * they can do, so there is room for some.
 *
 * @param {number} length
 */
function roundedUp(length) {
  return Math.ceil((length + 16) / 256) * 256;
}

/**
 * Have libraries linked before Python starts.
 *
 * @param {any} settings  of Emscripten's module
 * @param {Promise<Library[]>} libraries
 * @param {{memory: number, base?: number}} layout  bytes to begin with; entries of the table, unless chosen here
 * @returns {Promise<{base: number, linked: number}>}
 */
export function linkAtStart(settings, libraries, { memory, base }) {
  settings.INITIAL_MEMORY = memory;
  return new Promise((resolve, reject) => {
    settings.preRun = [settings.preRun ?? []].flat();
    settings.preRun.push((/** @type {any} */ module) => {
      module.addRunDependency("liveviz libraries");
      // Newer Pyodides export a memory of their own, for which INITIAL_MEMORY means nothing.
      if (module.HEAPU8.length < memory) module.growMemory(memory);
      libraries
        .then((all) => {
          const table = module.wasmTable;
          const start = base ?? roundedUp(table.length);
          if (table.length > start) throw new SnapshotError(`the table begins with ${table.length} entries`);
          table.grow(start - table.length);
          for (const { name, module: code } of all) link(module, name, code);
          module.reportUndefinedSymbols();
          resolve({ base: start, linked: table.length });
          module.removeRunDependency("liveviz libraries");
        })
        .catch(reject);
    });
  });
}

/**
 * @param {any} module
 * @param {string} name
 * @param {WebAssembly.Module} code
 */
function link(module, name, code) {
  const library = module.newDSO(name, undefined, "loading");
  library.refcount = Infinity;
  library.global = false;
  const flags = { loadAsync: false, nodelete: true, allowUndefined: true, global: false };
  library.exports = module.loadWebAssemblyModule(code, flags, name, {}, 0);
}

/** @param {{source: string}} written */
export function deserializer({ source }) {
  return (0, eval)(`(${source})`);
}

/**
 * What `loadPyodide` wants of a snapshot: the header alone, because `restoring` fills the memory.
 *
 * @param {Record} record
 */
export function headerOf({ header }) {
  return Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
}

/**
 * Return what `loadPyodide` shall call in the place of Emscripten's factory to get a module whose memory is that of a
 * snapshot.
 *
 * @param {(settings: any) => Promise<any>} create  the factory
 * @param {object} snapshot
 * @param {Record} snapshot.record
 * @param {string[]} snapshot.names  of the libraries
 * @param {Promise<Library[]>} snapshot.libraries
 * @param {(memory: Uint8Array) => Promise<void>} snapshot.fill
 */
export function restoring(create, { record, names, libraries, fill }) {
  return async (/** @type {any} */ settings) => {
    settings.noInitialRun = true;
    /** @type {(error: unknown) => void} */
    let fail = () => {};
    const broken = new Promise((_, reject) => (fail = reject));
    const linking = linkAtStart(settings, libraries, { memory: record.length, base: record.base });
    linking.catch(fail);
    const module = await Promise.race([create(settings), broken]);
    const { linked } = await linking;
    const table = module.wasmTable;
    if (linked !== record.linked) throw new SnapshotError(`${linked} entries were linked, not ${record.linked}`);
    if (table.length > record.size) throw new SnapshotError(`the table has ${table.length} entries already`);
    table.grow(record.size - table.length);
    const { loadedLibsByName, loadedLibsByHandle } = module.LDSO;
    for (const [index, library, key] of record.entries) {
      const owner = library === MODULE ? module : loadedLibsByName[library === MAIN ? "__main__" : names[library]].exports;
      module.setWasmTableEntry(index, owner[key]);
    }
    module.updateTableMap(0, table.length);
    for (const [handle, library] of record.handles) loadedLibsByHandle[handle] = loadedLibsByName[names[library]];

    // One pointer in Python's memory is to a function that depends on what the browser can do: it keeps its own.
    const offset = module.__PyEM_EMSCRIPTEN_COUNT_ARGS_OFFSET ?? module.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET;
    const place = offset === undefined ? 0 : (module.__PyRuntime + module.HEAP32[offset >> 2]) >> 2;
    const own = module.HEAP32[place];
    await fill(module.HEAPU8);
    if (place) module.HEAP32[place] = own;
    // Pyodide 0.27 forgets this where it restores, and the runtime would end with the first library opened later.
    module.runtimeKeepalivePush?.();
    return module;
  };
}

/**
 * Put files into Pyodide's file system without copying: each is a part of one block of bytes.
 *
 * @param {any} FS
 * @param {[path: string, offset: number, length: number][]} files
 * @param {Uint8Array} bytes
 */
export function mountFiles(FS, files, bytes) {
  const directories = new Map([["", FS.root]]);
  const directoryOf = (/** @type {string} */ path) => {
    let node = directories.get(path);
    if (!node) {
      const [parent, name] = split(path);
      const above = directoryOf(parent);
      node = above.contents[name] ?? above.node_ops.mknod(above, name, 0o40777, 0);
      directories.set(path, node);
    }
    return node;
  };
  for (const [path, offset, length] of files) {
    const [parent, name] = split(path);
    const above = directoryOf(parent);
    const node = above.contents[name] ?? above.node_ops.mknod(above, name, 0o100644, 0);
    node.contents = bytes.subarray(offset, offset + length);
    node.usedBytes = length;
  }
}

/** @param {string} path  absolute */
function split(path) {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash), path.slice(slash + 1)];
}
