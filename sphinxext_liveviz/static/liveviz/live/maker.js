// The worker that makes a snapshot in the reader's browser: from the files that the page has started from, in
// interpreters that no page has used. Takes a Start message, and answers once.

/** @import {Own, Start} from "./protocol.js" */
/** @import {Description} from "./image.js" */
/** @import {Index} from "./capture.js" */

import { makeSnapshot, tryOut } from "./capture.js";
import { DownloadError, imported } from "./downloads.js";
import { FORMAT } from "./image.js";
import { forgetOldest, keep, makeRoom, refuse } from "./kept.js";
import { startFromPackages } from "./packages.js";

addEventListener("message", async ({ data }) => {
  const began = performance.now();
  try {
    const bytes = await makeAndKeep(data);
    postMessage({ bytes, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});

/** @param {Start} start */
async function makeAndKeep(start) {
  const { name } = /** @type {Own} */ (start.own);
  await makeRoom(name);
  let bytes;
  try {
    bytes = await keep(name, await make(start));
  } catch (error) {
    // All else will be the same next time.
    if (!(error instanceof DownloadError)) await refuse(name, String(error));
    throw error;
  }
  await forgetOldest(name);
  return bytes;
}

/** @param {Start} start */
async function make(start) {
  const { indexURL, lockFileURL } = start;
  const { modules } = /** @type {Own} */ (start.own);
  const trial = await startFromPackages(start, () => {});
  const found = await tryOut(trial, modules);
  const [library, paths] = trial.pyimport("sphinxext_liveviz.kernel.trial").files().toJs();
  const read = (/** @type {string} */ path) => trial.FS.readFile(path);
  const [index, content] = sideBySide(paths, read);

  const { loadPyodide } = await imported(`${indexURL}pyodide.mjs`);
  // Older releases made it global when they loaded it, newer ones have it in a module.
  const { _createPyodideModule } = /** @type {any} */ (globalThis);
  const glue = _createPyodideModule ? "pyodide.asm.js" : "pyodide.asm.mjs";
  const create = _createPyodideModule ?? (await imported(`${indexURL}${glue}`)).default;
  const { memory, record, inMemory } = await makeSnapshot(
    { loadPyodide, create },
    { indexURL, lockFileURL },
    { index, content },
    found,
  );
  // Cells can see sources: in tracebacks, or with `inspect`.
  const rest = paths.filter((/** @type {string} */ path) => path.endsWith(".py") || !inMemory.has(path));
  const [files, fileBytes] = sideBySide([...rest, library], read);
  const [libraries, libraryBytes] = sideBySide(found.libraries, read);
  /** @type {Description} */
  const description = {
    format: FORMAT,
    glue,
    packages: Object.keys(trial.loadedPackages),
    library,
    files,
    libraries,
    snapshot: record,
  };
  return {
    image: new TextEncoder().encode(JSON.stringify(description)),
    libraries: libraryBytes,
    memory: new Uint8Array(memory),
    files: fileBytes,
  };
}

/**
 * @param {string[]} paths
 * @param {(path: string) => Uint8Array} read
 * @returns {[Index, Uint8Array<ArrayBuffer>]}
 */
function sideBySide(paths, read) {
  /** @type {Index} */
  const index = [];
  const contents = paths.map(read);
  let length = 0;
  paths.forEach((path, number) => {
    index.push([path, length, contents[number].length]);
    length += contents[number].length;
  });
  const block = new Uint8Array(length);
  contents.forEach((content, number) => block.set(content, index[number][1]));
  return [index, block];
}
