// Images: a snapshot with all that goes with it, as the build or this browser made them. Starting from one skips every
// import.

/** @import {Downloads} from "./downloads.js" */
/** @import {Part} from "./kept.js" */
/** @import {Record} from "./snapshot.js" */

import { imported } from "./downloads.js";
import { deserializer, headerOf, mountFiles, restoring, SnapshotError } from "./snapshot.js";

/**
 * Content of `image.pack`; made by runtime/image.py, or by maker.js.
 *
 * @typedef {object} Description
 * @property {1} format
 * @property {string} glue  name of the JavaScript of Pyodide's main module
 * @property {string[]} packages  that are in it
 * @property {string} library  which of the files is the archive of the standard library
 * @property {[path: string, offset: number, length: number][]} files  in `files.pack`
 * @property {[path: string, offset: number, length: number][]} libraries  in `libraries.pack`, in linking order
 * @property {Record} snapshot  what goes with `memory.pack`
 */

export const FORMAT = 1;
/** Emscripten's factory of Pyodide's module. @type {any} */
let factory;

/** An image on its way, or here: Pyodide can be started from it, several times if it is kept. */
export class Image {
  #where;
  #main;
  #scripts;
  /** @type {Promise<Description>} */
  #described;
  #memory;
  #files;
  #libraries;
  #lock;
  #keep;

  /**
   * Begin to fetch an image.
   *
   * @param {object} where
   * @param {string} where.indexURL  of Pyodide's core
   * @param {string} where.lockFileURL
   * @param {string | null} where.glue  name of the JavaScript of Pyodide's main module, where the page knows it
   * @param {(part: Part) => Promise<ReadableStream<Uint8Array>>} open  gives the image's parts
   * @param {Downloads} downloads  for all else
   * @param {{keep: boolean}} options  whether it will be started from more than once
   */
  constructor(where, open, downloads, { keep }) {
    this.#where = where;
    this.#keep = keep;
    this.#main = downloads.fetch(mainOf(where)).then((response) => WebAssembly.compileStreaming(response));
    this.#described = open("image").then((stream) => new Response(stream).json());
    const glue = where.glue ? Promise.resolve(where.glue) : this.#described.then((image) => image.glue);
    this.#scripts = Promise.all([
      imported(`${where.indexURL}pyodide.mjs`),
      glue.then((name) => imported(`${where.indexURL}${name}`)),
    ]);
    this.#memory = open("memory").then((stream) => new Memory(stream, keep));
    this.#files = open("files").then(bytesOf);
    this.#libraries = Promise.all([this.#described, open("libraries").then(bytesOf)]).then(([{ libraries }, bytes]) =>
      Promise.all(libraries.map((one) => compiled(one, bytes))),
    );
    this.#lock = downloads.fetch(where.lockFileURL).then((response) => response.text());
    for (const promise of this.#parts) promise.catch(() => {}); // `start` hears of it
  }

  get #parts() {
    return [this.#main, this.#scripts, this.#described, this.#memory, this.#files, this.#libraries, this.#lock];
  }

  /** What an interpreter may write to. */
  async #ownFiles() {
    const files = await this.#files;
    return this.#keep ? files.slice() : files;
  }

  /**
   * Start Pyodide.
   *
   * @returns {Promise<any>} its API, with the image's packages imported
   * @throws {SnapshotError} when this browser cannot use the image
   */
  async start() {
    const { indexURL, lockFileURL } = this.#where;
    const image = await this.#described;
    if (image.format !== FORMAT) throw new SnapshotError(`the image's format is ${image.format}, not ${FORMAT}`);
    const [{ loadPyodide }, glue] = await this.#scripts;
    const global = /** @type {any} */ (globalThis);
    // Newer releases export it, older ones make it global.
    factory ??= glue.default ?? global._createPyodideModule;
    const createPyodideModule = restoring(factory, {
      record: image.snapshot,
      names: image.libraries.map(([name]) => name),
      libraries: this.#libraries,
      fill: async (target) => (await this.#memory).fill(target),
    });
    const stdLibURL = `${indexURL}python_stdlib.zip`;
    const undo = answering(
      new Map([
        [mainOf(this.#where), async () => new Response()], // it is compiled already
        [stdLibURL, async () => new Response(partOf(await this.#files, image.files, image.library))],
        [lockFileURL, async () => new Response(await this.#lock)],
      ]),
      this.#main,
    );
    global._createPyodideModule = createPyodideModule; // where older releases look for it
    try {
      const starting = loadPyodide({
        indexURL,
        lockFileURL,
        stdLibURL,
        createPyodideModule,
        _loadSnapshot: headerOf(image.snapshot),
        _snapshotDeserializer: deserializer,
        fsInit: async (/** @type {any} */ FS) => mountFiles(FS, image.files, await this.#ownFiles()),
      });
      // Pyodide would wait for ever for what failed.
      const pyodide = await Promise.race([starting, whenOneFails(this.#parts)]);
      for (const name of image.packages) pyodide.loadedPackages[name] = "default channel";
      return pyodide;
    } finally {
      undo();
      global._createPyodideModule = factory;
    }
  }
}

/** @param {{indexURL: string}} where */
function mainOf({ indexURL }) {
  return `${indexURL}pyodide.asm.wasm`;
}

/**
 * Answer what Pyodide asks for and is here already, until the function that is returned is called.
 *
 * @param {Map<string, () => Promise<Response>>} answers  by URL
 * @param {Promise<WebAssembly.Module>} main
 */
function answering(answers, main) {
  const [realFetch, instantiate] = [globalThis.fetch, WebAssembly.instantiateStreaming];
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, globalThis.location?.href).href;
    return answers.get(url)?.() ?? realFetch(input, init);
  };
  WebAssembly.instantiateStreaming = async (_, imports) => {
    const module = await main;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  return () => {
    globalThis.fetch = realFetch;
    WebAssembly.instantiateStreaming = instantiate;
  };
}

/**
 * @param {Promise<unknown>[]} promises
 * @returns {Promise<never>} rejected when one of them is
 */
function whenOneFails(promises) {
  return new Promise((_, reject) => {
    for (const promise of promises) promise.catch(reject);
  });
}

/** The memory of a snapshot on its way: what comes before there is a place for it waits. */
class Memory {
  #reader;
  #keep;
  /** @type {Uint8Array[]} */
  #parts = [];
  /** @type {Uint8Array | null} */
  #target = null;
  #length = 0;
  #done;

  /**
   * @param {ReadableStream<Uint8Array>} stream
   * @param {boolean} keep  whether it can be had again
   */
  constructor(stream, keep) {
    this.#reader = stream.getReader();
    this.#keep = keep;
    this.#done = this.#read();
    this.#done.catch(() => {}); // whoever fills hears of it
  }

  /** @param {Uint8Array} target  which gets all of it, and zeros behind */
  async fill(target) {
    let offset = 0;
    for (const part of this.#parts) {
      target.set(part, offset);
      offset += part.length;
    }
    if (!this.#keep) this.#parts = [];
    this.#target = target;
    try {
      await this.#done;
    } finally {
      this.#target = null;
    }
    target.fill(0, this.#length);
  }

  async #read() {
    for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
      this.#target?.set(part.value, this.#length);
      if (this.#keep || !this.#target) this.#parts.push(part.value);
      this.#length += part.value.length;
    }
  }
}

/**
 * Return what opens the parts of an image that the build made.
 *
 * @param {string} url  of its directory
 * @param {Downloads} downloads
 * @returns {(part: Part) => Promise<ReadableStream<Uint8Array>>}
 */
export function partsBelow(url, downloads) {
  if (!globalThis.DecompressionStream) throw new SnapshotError("this browser cannot decompress");
  return (part) => downloads.open(`${url}${part}.pack`).then(decompressed);
}

/** @param {ReadableStream<Uint8Array>} stream */
function decompressed(stream) {
  return stream.pipeThrough(/** @type {any} */ (new DecompressionStream("gzip")));
}

/** @param {ReadableStream<Uint8Array>} stream */
async function bytesOf(stream) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {Uint8Array} bytes
 * @param {Description["files"]} index
 * @param {string} wanted
 */
function partOf(bytes, index, wanted) {
  const found = index.find(([path]) => path === wanted);
  if (!found) throw new SnapshotError(`${wanted} is not in the image`);
  return /** @type {Uint8Array<ArrayBuffer>} */ (bytes.subarray(found[1], found[1] + found[2]));
}

/**
 * @param {[path: string, offset: number, length: number]} place
 * @param {Uint8Array} bytes
 */
async function compiled([name, offset, length], bytes) {
  const code = /** @type {Uint8Array<ArrayBuffer>} */ (bytes.subarray(offset, offset + length));
  return { name, module: await WebAssembly.compile(code) };
}
