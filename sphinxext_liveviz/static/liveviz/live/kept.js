// Snapshots that this browser has made, kept in the origin's private file system: one file each.
//
// A file begins with the length of its header, and the header, JSON, says where the parts lie and what their digests
// are. It appears in one step, when all of it is written; what is damaged since is not used.

/** The parts of an image, as in image.js. @typedef {"image" | "libraries" | "memory" | "files"} Part */

/**
 * @typedef {object} Header
 * @property {Record<Part, [offset: number, length: number, sha256: string]>} [parts]  counted from the end of the header
 * @property {string} [refusal]  why there is no snapshot
 */

const DIRECTORY = "liveviz-snapshots";
/** Snapshots that are kept at most, of all sites of the origin; the newest ones. */
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
    const bytes = new Uint8Array(await this.#file.slice(from, from + length).arrayBuffer());
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
  if (!file) return null;
  const size = new DataView(await file.slice(0, 4).arrayBuffer());
  const start = 4 + (size.byteLength === 4 ? size.getUint32(0, true) : 0);
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
 * Remove what is of no use any more: snapshots of another build of the same site, and the oldest of too many.
 *
 * @param {string} name  of the one that is in use; see own.js for how it begins
 */
export async function tidy(name) {
  const place = await directory();
  const [site, build] = name.split(".");
  /** @type {[name: string, time: number][]} */
  const others = [];
  for await (const other of /** @type {any} */ (place).keys()) {
    const [itsSite, itsBuild] = other.split(".");
    if (itsSite === site && itsBuild !== build) await place.removeEntry(other);
    else if (other !== name) others.push([other, (await fileOf(other))?.lastModified ?? 0]);
  }
  others.sort(([, one], [, other]) => other - one);
  for (const [other] of others.slice(MOST - 1)) await place.removeEntry(other);
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
