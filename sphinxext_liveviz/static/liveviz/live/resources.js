/** @import {Resources} from "./protocol.js" */

/** @type {Map<string, Promise<void>>} what was asked for, by URL without query */
const asked = new Map();
/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Load the scripts and style sheets that the page does not have yet: one script after another, in order.
 *
 * @param {Resources | undefined} resources
 * @param {Document} [page]
 * @returns {Promise<void>} rejected with an error that names the URL that could not be loaded
 */
export async function ensure(resources, page = document) {
  const { css = [], js = [] } = resources ?? {};
  const sheets = css.map((url) => once(url, page, () => append(page, styleSheet(page, url), url)));
  for (const url of js) {
    // In one line for all outputs of the page: two of them may need the same scripts in the same order.
    const turn = last.then(() => once(url, page, () => append(page, script(page, url), url)));
    last = turn.catch(() => {});
    await turn;
  }
  await Promise.all(sheets);
}

/**
 * @param {string} url
 * @param {Document} page
 * @param {() => Promise<void>} load
 */
function once(url, page, load) {
  const key = withoutQuery(url, page);
  let loaded = asked.get(key);
  if (!loaded) {
    loaded = isPresent(key, page) ? Promise.resolve() : load();
    asked.set(key, loaded);
    loaded.catch(() => asked.delete(key)); // so that a retry tries again
  }
  return loaded;
}

/**
 * @param {string} key
 * @param {Document} page
 */
function isPresent(key, page) {
  const scripts = Array.from(page.scripts, ({ src }) => src);
  /** @type {NodeListOf<HTMLLinkElement>} */
  const links = page.querySelectorAll("link[rel~=stylesheet]");
  const sheets = Array.from(links, ({ href }) => href);
  return [...scripts, ...sheets].some((url) => url && withoutQuery(url, page) === key);
}

/**
 * @param {string} url
 * @param {Document} page
 */
function withoutQuery(url, page) {
  const absolute = new URL(url, page.baseURI);
  absolute.search = absolute.hash = "";
  return absolute.href;
}

/**
 * @param {Document} page
 * @param {string} url
 */
function script(page, url) {
  const element = page.createElement("script");
  element.src = url;
  return element;
}

/**
 * @param {Document} page
 * @param {string} url
 */
function styleSheet(page, url) {
  const element = page.createElement("link");
  element.rel = "stylesheet";
  element.href = url;
  return element;
}

/**
 * @param {Document} page
 * @param {HTMLElement} element
 * @param {string} url
 * @returns {Promise<void>}
 */
function append(page, element, url) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => {
      element.remove();
      reject(new Error(`${url} could not be loaded`));
    });
    page.head.append(element);
  });
}
