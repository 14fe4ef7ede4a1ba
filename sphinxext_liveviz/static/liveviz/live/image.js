// Images: a snapshot with all that goes with it, as the build made them. Starting from one skips every import.

/** @import {Downloads} from "./downloads.js" */
/** @import {Record} from "./snapshot.js" */

import { deserializer, headerOf, mountFiles, restoring, SnapshotError } from "./snapshot.js";

/**
 * Content of `image.pack`; made by runtime/image.py.
 *
 * @typedef {object} Image
 * @property {1} format
 * @property {string} glue  name of the JavaScript of Pyodide's main module
 * @property {string[]} packages  that are in it
 * @property {string} library  which of the files is the archive of the standard library
 * @property {[path: string, offset: number, length: number][]} files  in `files.pack`
 * @property {[path: string, offset: number, length: number][]} libraries  in `libraries.pack`, in linking order
 * @property {Record} snapshot  what goes with `memory.pack`
 */

const FORMAT = 1;

/**
 * Start Pyodide from an image.
 *
 * @param {object} where
 * @param {string} where.indexURL  of Pyodide's core
 * @param {string} where.lockFileURL
 * @param {string} where.imageURL  of the image's directory
 * @param {Downloads} downloads
 * @returns {Promise<any>} the Pyodide API, with the image's packages imported
 * @throws {SnapshotError} when this browser cannot use it
 */
export async function startFromImage({ indexURL, lockFileURL, imageURL }, downloads) {
  if (!globalThis.DecompressionStream) throw new SnapshotError("this browser cannot decompress");
  const open = (/** @type {string} */ name) => downloads.open(`${imageURL}${name}.pack`).then(decompressed);
  const mainURL = `${indexURL}pyodide.asm.wasm`;
  const main = downloads.fetch(mainURL).then((response) => WebAssembly.compileStreaming(response));
  const described = open("image").then((stream) => new Response(stream).json());
  const memory = open("memory").then((stream) => new Memory(stream));
  const files = open("files").then(bytesOf);
  const libraries = Promise.all([described, open("libraries").then(bytesOf)]).then(([image, bytes]) =>
    Promise.all(image.libraries.map((one) => compiled(one, bytes))),
  );
  const lock = downloads.fetch(lockFileURL);
  // Whoever fails first is heard; the others are not awaited any more.
  for (const promise of [main, described, memory, files, libraries, lock]) promise.catch(() => {});

  /** @type {Image} */
  const image = await described;
  if (image.format !== FORMAT) throw new SnapshotError(`the image's format is ${image.format}, not ${FORMAT}`);
  const { loadPyodide } = await import(`${indexURL}pyodide.mjs`);
  const global = /** @type {any} */ (globalThis);
  const create = (await import(`${indexURL}${image.glue}`)).default ?? global._createPyodideModule;
  const createPyodideModule = restoring(create, {
    record: image.snapshot,
    names: image.libraries.map(([name]) => name),
    libraries,
    fill: async (target) => (await memory).fill(target),
  });
  const realFetch = globalThis.fetch;
  const stdLibURL = `${indexURL}python_stdlib.zip`;
  /** What Pyodide asks for and has already, or has no use for. @type {Map<string, () => Response | Promise<Response>>} */
  const answers = new Map([
    [mainURL, () => new Response()],
    [stdLibURL, async () => new Response(partOf(await files, image.files, image.library))],
    [lockFileURL, () => lock],
  ]);
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, globalThis.location?.href).href;
    return answers.get(url)?.() ?? realFetch(input, init);
  };
  global._createPyodideModule = createPyodideModule; // where older releases look for it
  const compile = WebAssembly.instantiateStreaming;
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  const broken = new Promise((_, reject) => (fail = reject));
  // Pyodide waits for ever when this fails, so whoever waits is told.
  WebAssembly.instantiateStreaming = async (_, imports) => {
    try {
      const module = await main;
      return { module, instance: await WebAssembly.instantiate(module, imports) };
    } catch (error) {
      fail(error);
      throw error;
    }
  };
  try {
    const starting = loadPyodide({
      indexURL,
      lockFileURL,
      stdLibURL,
      createPyodideModule,
      _loadSnapshot: headerOf(image.snapshot),
      _snapshotDeserializer: deserializer,
      fsInit: async (/** @type {any} */ FS) => mountFiles(FS, image.files, await files),
    });
    const pyodide = await Promise.race([starting, broken, whenOneFails([libraries, memory, files])]);
    for (const name of image.packages) pyodide.loadedPackages[name] = "default channel";
    return pyodide;
  } finally {
    globalThis.fetch = realFetch;
    global._createPyodideModule = create;
    WebAssembly.instantiateStreaming = compile;
  }
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

/** The memory of a snapshot on its way: what comes before there is a place for it is kept. */
class Memory {
  #reader;
  /** @type {Uint8Array[]} */
  #waiting = [];
  /** @type {Uint8Array | null} */
  #target = null;
  #length = 0;
  #done;

  /** @param {ReadableStream<Uint8Array>} stream */
  constructor(stream) {
    this.#reader = stream.getReader();
    this.#done = this.#read();
    this.#done.catch(() => {}); // whoever fills hears of it
  }

  /** @param {Uint8Array} target  which gets all of it, and zeros behind */
  async fill(target) {
    let offset = 0;
    for (const part of this.#waiting) {
      target.set(part, offset);
      offset += part.length;
    }
    this.#waiting = [];
    this.#target = target;
    await this.#done;
    target.fill(0, this.#length);
  }

  async #read() {
    for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
      if (this.#target) this.#target.set(part.value, this.#length);
      else this.#waiting.push(part.value);
      this.#length += part.value.length;
    }
  }
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
 * @param {Image["files"]} index
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
