// Starting from packages: Pyodide, wheels and the kernel's archive are fetched, and everything is imported anew.

/** @import {Start, Step} from "./protocol.js" */

import { DownloadError, Downloads, imported } from "./downloads.js";

/**
 * Entry of a package in `pyodide-lock.json`.
 *
 * @typedef {{name: string, file_name: string, sha256: string, depends: string[]}} Locked
 */

/**
 * Start Pyodide, with a page's packages and the kernel in its file system.
 *
 * @param {Pick<Start, "indexURL" | "lockFileURL" | "kernelURL" | "packages">} where
 * @param {(step: Step, downloads: Downloads, name?: string) => void} report
 * @returns {Promise<any>} its API
 */
export async function startFromPackages({ indexURL, lockFileURL, kernelURL, packages }, report) {
  /** @type {Step} */
  let step = "core";
  const realFetch = globalThis.fetch;
  const downloads = new Downloads(realFetch.bind(globalThis), (url) => report(step, downloads, fileName(url)));
  globalThis.fetch = downloads.fetch;
  /** @param {Step} next */
  const enter = (next) => report((step = next), downloads);
  try {
    enter("core");
    const core = [`${indexURL}pyodide.asm.wasm`, `${indexURL}python_stdlib.zip`];
    for (const url of core) void downloads.ahead(url);
    const lock = readLock(downloads, lockFileURL, indexURL);
    const archive = downloads.ahead(kernelURL);
    const wheels = lock.then(({ packages: locked }) => closure(packages, locked));
    void wheels.then(
      (all) => downloads.aheadInTurn(all.map((one) => wheelDownload(one, indexURL))),
      () => {},
    );

    const pyodide = await loadCore(indexURL, lockFileURL, downloads, [...core, lockFileURL]);

    enter("packages");
    await loadPackages(pyodide, packages, await wheels, indexURL, downloads);

    enter("kernel");
    const sitePackages = pyodide.runPython("import sysconfig; sysconfig.get_path('purelib')");
    pyodide.unpackArchive(await (await archive).arrayBuffer(), "zip", { extractDir: sitePackages });
    pyodide.runPython("import importlib; importlib.invalidate_caches()");
    return pyodide;
  } catch (error) {
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), { step });
  } finally {
    globalThis.fetch = realFetch;
  }
}

/**
 * Read the lock before Pyodide does.
 *
 * Relative file names in it are relative to the lock, for which older Pyodides take the core's address: where the two
 * lie apart, Pyodide gets the lock with full addresses.
 *
 * @param {Downloads} downloads
 * @param {string} url
 * @param {string} indexURL
 * @returns {Promise<{packages: Record<string, Locked>}>}
 */
function readLock(downloads, url, indexURL) {
  const apart = new URL(".", url).href !== indexURL;
  return new Promise((resolve, reject) => {
    const convert = async (/** @type {Response} */ response) => {
      const lock = await response.json();
      /** @type {Locked[]} */
      const entries = Object.values(lock.packages);
      if (apart) for (const entry of entries) entry.file_name = new URL(entry.file_name, url).href;
      resolve(lock);
      return new Response(JSON.stringify(lock), { headers: { "Content-Type": "application/json" } });
    };
    downloads.ahead(url, undefined, convert).catch(reject);
  });
}

/**
 * @param {string} indexURL
 * @param {string} lockFileURL
 * @param {Downloads} downloads
 * @param {string[]} needed  URLs without which it cannot start
 * @returns {Promise<any>} the Pyodide API
 */
async function loadCore(indexURL, lockFileURL, downloads, needed) {
  const { loadPyodide } = await imported(`${indexURL}pyodide.mjs`);
  // Pyodide waits for ever when its WebAssembly cannot be fetched or compiled, hence the races.
  const compile = WebAssembly.instantiateStreaming;
  const uncompiled = new Promise((_, reject) => {
    WebAssembly.instantiateStreaming = (...args) => {
      const compiled = compile(...args);
      compiled.catch(reject);
      return compiled;
    };
  });
  try {
    return await Promise.race([loadPyodide({ indexURL, lockFileURL }), downloads.failureOf(needed), uncompiled]);
  } finally {
    WebAssembly.instantiateStreaming = compile;
  }
}

/**
 * @param {any} pyodide
 * @param {string[]} packages
 * @param {Locked[]} wanted  with all that they depend on
 * @param {string} indexURL
 * @param {Downloads} downloads
 */
async function loadPackages(pyodide, packages, wanted, indexURL, downloads) {
  if (!packages.length) return;
  /** @type {string[]} */
  const complaints = [];
  const quiet = () => {};
  await pyodide.loadPackage(packages, {
    messageCallback: quiet,
    errorCallback: (/** @type {string} */ text) => complaints.push(text),
  });
  // Pyodide logs what failed and goes on; a missing import later would tell the reader much less.
  const missing = wanted.filter(({ name }) => !(name in pyodide.loadedPackages));
  if (!missing.length) return;
  const reasons = missing.map((one) => {
    const { url } = wheelDownload(one, indexURL);
    return `${one.name}: ${downloads.failure(url)?.message ?? [url, ...complaints].join("\n")}`;
  });
  const isDownload = missing.some((one) => downloads.failure(wheelDownload(one, indexURL).url));
  throw new (isDownload ? DownloadError : Error)(reasons.join("\n"));
}

/**
 * Return the lock's entries of packages and of all that they depend on, dependencies first.
 *
 * @param {string[]} names
 * @param {Record<string, Locked>} locked
 */
export function closure(names, locked) {
  /** @type {Map<string, Locked>} */
  const found = new Map();
  /** @type {Set<string>} */
  const seen = new Set();
  /** @param {string} name */
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const entry = locked[name];
    if (!entry) throw new Error(`The package ${name} is not in the page's lock`);
    entry.depends.forEach(visit);
    found.set(name, entry);
  };
  names.forEach(visit);
  return [...found.values()];
}

/**
 * @param {Locked} entry
 * @param {string} indexURL  what relative file names are relative to
 */
function wheelDownload({ file_name, sha256 }, indexURL) {
  return { url: new URL(file_name, indexURL).href, init: { integrity: `sha256-${base64OfHex(sha256)}` } };
}

/** @param {string} hex */
function base64OfHex(hex) {
  return btoa(hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))));
}

/** @param {string} url */
export function fileName(url) {
  return new URL(url).pathname.split("/").at(-1);
}
