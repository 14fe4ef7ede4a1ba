/** @import {Data} from "./protocol.js" */
/** @import {Downloads} from "./downloads.js" */

/** Where the site's source directory is, as cells see it. */
const ROOT = "/home/pyodide";

/**
 * Put the files that cells read where the build found them, and go to the directory of the page's source.
 *
 * @param {any} FS  Emscripten's file system
 * @param {Data} data
 * @param {Downloads} downloads
 */
export async function mount(FS, { directory, files }, downloads) {
  if (!files.length) return;
  const here = resolve(`${ROOT}/${directory}`);
  FS.mkdirTree(here);
  FS.chdir(here);
  await Promise.all(
    files.map(async ([path, url]) => {
      const response = await downloads.fetch(url);
      const target = resolve(`${ROOT}/${path}`);
      FS.mkdirTree(target.slice(0, target.lastIndexOf("/")) || "/");
      FS.writeFile(target, new Uint8Array(await response.arrayBuffer()));
    }),
  );
}

/**
 * @param {string} path  absolute
 * @returns {string} the same without `.` and `..`
 */
function resolve(path) {
  return new URL(path.split("/").map(encodeURIComponent).join("/"), "file:///").pathname
    .split("/")
    .map(decodeURIComponent)
    .join("/")
    .replace(/(?<=.)\/$/, "");
}
