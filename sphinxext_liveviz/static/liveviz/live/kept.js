// Snapshots that this browser has made, kept in the origin's private file system: one file each.
//
// A file begins with the length of its header, and the header, JSON, says where the parts lie and what their digests
// are. All of it appears in one step; until then there is an empty file, and in Chromium another one, `….crswap`, which
// has what is written. What is damaged since is not used.

/** The parts of an image, as in image.js. @typedef {"image" | "libraries" | "memory" | "files"} Part */

/**
 * @typedef {object} Header
 * @property {Record<Part, [offset: number, length: number, sha256: string]>} [parts]  counted from the end of the header
 * @property {string} [refusal]  why there is no snapshot
 */

const DIRECTORY = "liveviz-snapshots";
/** Snapshots that are kept at most, of all sites of the origin: the newest ones. Refusals do not count. */
const MOST = 3;
/** Milliseconds until it is tried again to make what could not be made. */
const TRY_AGAIN = 7 * 24 * 3600 * 1000;

/** Thrown when a file is not what was written. */
export class Damaged extends Error {
  /** @override */
  name = "Damaged";
}

/** A snapshot that was found. */
class Kept {
  #file;
  #parts;
  #start;

  /**
   * @param {File} file
   * @param {NonNullable<Header["parts"]>} parts
   * @param {number} start  where they begin
   */
  constructor(file, parts, start) {
    this.#file = file;
    this.#parts = parts;
    this.#start = start;
  }

  /**
   * Read a part.
   *
   * @param {Part} part
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  async open(part) {
    const [offset, length, expected] = this.#parts[part];
    const from = this.#start + offset;
    const bytes = await read(this.#file.slice(from, from + length));
    if ((await sha256(bytes)) !== expected) throw new Damaged(`the ${part} of the snapshot is not what was stored`);
    return new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
  }
}

/**
 * Look for a snapshot.
 *
 * @param {string} name
 * @returns {Promise<Kept | string | null>} text says why there is none and none is to be made; null: it may be
 * @throws {Damaged}
 */
export async function find(name) {
  const file = await fileOf(name);
  if (!file?.size) return null;
  const start = await endOfHeader(file);
  /** @type {Header} */
  let header;
  try {
    header = JSON.parse(await file.slice(4, start).text());
  } catch {
    throw new Damaged("the snapshot's header cannot be read");
  }
  if (header.parts) return new Kept(file, header.parts, start);
  return Date.now() - file.lastModified < TRY_AGAIN ? (header.refusal ?? "") : null;
}

/**
 * Whether there is a snapshot.
 *
 * @param {string} name
 */
export async function isThere(name) {
  return (await find(name)) instanceof Kept;
}

/**
 * Keep a snapshot.
 *
 * @param {string} name
 * @param {Record<Part, Uint8Array<ArrayBuffer>>} contents
 * @returns {Promise<number>} its bytes
 */
export async function keep(name, contents) {
  const parts = /** @type {NonNullable<Header["parts"]>} */ ({});
  let length = 0;
  for (const [part, bytes] of /** @type {[Part, Uint8Array<ArrayBuffer>][]} */ (Object.entries(contents))) {
    parts[part] = [length, bytes.length, await sha256(bytes)];
    length += bytes.length;
  }
  await write(name, { parts }, Object.values(contents));
  return length;
}

/**
 * Remember that a snapshot cannot be made, so that not every visit tries.
 *
 * @param {string} name
 * @param {string} refusal  why
 */
export async function refuse(name, refusal) {
  await write(name, { refusal }, []);
}

/** @param {string} name */
export async function forget(name) {
  await (await directory()).removeEntry(name);
}

/**
 * Remove what other builds of the same site have left, and attempts that did not end.
 *
 * @param {string} name  of the snapshot that is to be made; see own.js for its parts
 */
export async function makeRoom(name) {
  const [site, build] = name.split(".");
  for (const other of await names()) {
    const [itsSite, itsBuild] = other.split(".");
    const isOld = itsSite === site && itsBuild !== build;
    if (isOld || other.startsWith(`${name}.`)) await forgetIfUnused(other);
  }
}

/**
 * Remove the oldest of too many snapshots.
 *
 * @param {string} name  of one that stays in any case
 */
export async function forgetOldest(name) {
  /** @type {[name: string, time: number][]} */
  const others = [];
  for (const other of await names()) {
    const isWhole = other.split(".").length === 3;
    const file = isWhole && other !== name ? await fileOf(other) : null;
    if (file && file.size > (await endOfHeader(file))) others.push([other, file.lastModified]);
  }
  others.sort(([, one], [, other]) => other - one);
  for (const [other] of others.slice(MOST - 1)) await forgetIfUnused(other);
}

/** @param {string} name */
async function forgetIfUnused(name) {
  try {
    await forget(name);
  } catch (error) {
    console.debug(`liveviz: the snapshot ${name} stays for now:`, String(error)); // another tab has it
  }
}

async function names() {
  const all = [];
  for await (const name of /** @type {any} */ (await directory()).keys()) all.push(/** @type {string} */ (name));
  return all;
}

async function directory() {
  const { storage } = navigator;
  if (!storage?.getDirectory) throw new Error("this browser keeps no files for this page");
  return (await storage.getDirectory()).getDirectoryHandle(DIRECTORY, { create: true });
}

/** @param {string} name */
async function fileOf(name) {
  const place = await directory();
  try {
    return await (await place.getFileHandle(name)).getFile();
  } catch (error) {
    if (/** @type {DOMException} */ (error).name === "NotFoundError") return null;
    throw error;
  }
}

/** @param {File} file */
async function endOfHeader(file) {
  const size = await read(file.slice(0, 4));
  return 4 + (size.length === 4 ? new DataView(size.buffer).getUint32(0, true) : 0);
}

/** @param {Blob} blob */
async function read(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw new Damaged(`the snapshot cannot be read: ${error}`); // another tab has made it anew, or removed it
  }
}

/**
 * @param {string} name
 * @param {Header} header
 * @param {Uint8Array<ArrayBuffer>[]} contents
 */
async function write(name, header, contents) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const handle = await (await directory()).getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  try {
    await writable.write(Uint32Array.of(text.length));
    for (const bytes of [text, ...contents]) await writable.write(bytes);
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => {}); // it may be at its end already
    await forget(name);
    throw error;
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  return hexadecimal(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {ArrayBuffer} digest */
export function hexadecimal(digest) {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
