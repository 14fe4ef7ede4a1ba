// The service worker of a site with `liveviz_offline = True`. The build puts a line above that makes the global OFFLINE.
//
// It stores what is listed there, byte for byte as it was built, when a page says that a cell has become live, and gives
// - files below `immutable`, whose names tell their content: to every page;
// - other files: to pages that came from the store themselves, for one from the network may be of another deploy;
// - pages: when the network does not answer.
// All else passes it by, and so does everything when something fails here. Each deploy has a store of its own. A worker
// waits until no page uses the one before it, and then takes over what is the same and removes the rest.
"use strict";

(() => {
  /**
   * What the build knows; see `html/offline.py`. Numbers are positions in `files`.
   *
   * @typedef {object} Offline
   * @property {string} deploy  digest of all that follows
   * @property {string} immutable  directory, from the site's root
   * @property {[name: string, sha256: string, size: number][]} files
   * @property {number[][]} kinds  what each kind of page may need when it is live
   * @property {Record<string, [kind: number, shown: number[]]>} pages
   */

  // The names that a service worker knows; the types of pages do not have them.
  const self = /** @type {any} */ (globalThis);
  const { deploy, immutable, files, kinds, pages } = /** @type {Offline} */ (self.OFFLINE);
  /** The site's root. @type {string} */
  const root = self.registration.scope;
  const own = `liveviz ${root} `;
  const store = own + deploy;

  /** @param {string} name */
  const address = (name) => new URL(name, root).href;
  const addresses = files.map(([name]) => address(name));
  /** Address to sha256 and size. */
  const known = new Map(files.map(([, sha256, size], index) => [addresses[index], { sha256, size }]));
  const live = new Map(Object.entries(pages).map(([name, page]) => [address(name), page]));
  /** @type {Set<string>} ids of the pages that came from the store; forgotten when the browser lets the worker rest */
  const stored = new Set();

  /** @param {string} url */
  const isImmutable = (url) => url.startsWith(address(immutable));

  /**
   * The address in the list that a request is for.
   *
   * @param {string} url
   */
  const listed = (url) => {
    const wanted = new URL(url);
    wanted.hash = "";
    if (isImmutable(wanted.href)) wanted.search = "";
    return known.has(wanted.href) ? wanted.href : null;
  };

  /**
   * The live page that a reader goes to: hosts show them without the end of the name, too.
   *
   * @param {string} url
   */
  const pageAt = (url) => {
    const { origin, pathname } = new URL(url);
    const plain = origin + pathname;
    const candidates = plain.endsWith("/") ? [`${plain}index.html`] : [plain, `${plain}.html`, `${plain}/index.html`];
    return candidates.find((one) => live.has(one)) ?? null;
  };

  // -- giving ------------------------------------------------------------------

  /**
   * @param {string} url
   * @returns {Promise<Response | undefined>}
   */
  const copyOf = async (url) => {
    try {
      return await (await caches.open(store)).match(url, { ignoreVary: true });
    } catch {
      return undefined; // the network has it too
    }
  };

  /** @param {any} event  a request for a live page */
  const givePage = async (event, /** @type {string} */ url) => {
    try {
      const response = await fetch(event.request);
      event.waitUntil(visited(url, response.clone()));
      return response;
    } catch (error) {
      const copy = await copyOf(url);
      if (!copy) throw error;
      stored.add(event.resultingClientId);
      return copy;
    }
  };

  self.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request, clientId } = event;
    if (request.method !== "GET" || request.headers.has("Range")) return;
    if (request.mode === "navigate") {
      const page = pageAt(request.url);
      if (page) event.respondWith(givePage(event, page));
      return;
    }
    const url = listed(request.url);
    if (!url) return;
    if (isImmutable(url)) event.respondWith(copyOf(url).then((copy) => copy ?? fetch(request)));
    // Of such a page, what is not stored comes from the network only if it is what was built with it.
    else if (stored.has(clientId)) event.respondWith(copyOf(url).then((copy) => copy ?? obtain(url)));
  });

  // -- storing -----------------------------------------------------------------

  /**
   * Read a response, which must be the file that was built.
   *
   * @param {string} url
   * @param {Response} response
   */
  const verified = async (url, response) => {
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    const body = await response.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (sha256 !== known.get(url)?.sha256) throw new Error(`${url} is not as it was built with this deploy`);
    return new Response(body, { headers: response.headers });
  };

  /** @param {string} url */
  const obtain = async (url) => verified(url, await fetch(url, { cache: isImmutable(url) ? "default" : "no-cache" }));

  /**
   * Store what is not there yet. When there is no room for all of it, none of it stays.
   *
   * @param {Iterable<string>} urls
   * @returns {Promise<{bytes: number, problems: string[]}>}
   */
  const keep = async (urls) => {
    const cache = await caches.open(store);
    const present = new Set((await cache.keys()).map(({ url }) => url));
    const missing = [...new Set(urls)].filter((url) => !present.has(url));
    const needed = missing.reduce((sum, url) => sum + (known.get(url)?.size ?? 0), 0);
    const { quota = Infinity, usage = 0 } = missing.length ? await navigator.storage.estimate() : {};
    if (needed > quota - usage) {
      return { bytes: 0, problems: [`${needed} bytes are more than the ${quota - usage} that the browser has left`] };
    }
    let bytes = 0;
    const problems = [];
    for (const [index, url] of missing.entries()) {
      try {
        await cache.put(url, await obtain(url));
        bytes += known.get(url)?.size ?? 0;
      } catch (error) {
        problems.push(String(error));
        if (/** @type {any} */ (error).name !== "QuotaExceededError") continue;
        for (const done of missing.slice(0, index)) await cache.delete(done);
        return { bytes: 0, problems };
      }
    }
    return { bytes, problems };
  };

  /** One after the other, for several pages may ask at the same time. @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @param {() => Iterable<string>} what */
  const keepInTurn = (what) => {
    const turn = last.then(() => keep(what()));
    last = turn.catch(() => {});
    return turn;
  };

  /** @param {number[]} positions */
  const at = (positions) => positions.map((position) => addresses[position]);

  /**
   * All that a page needs, and those others that need no more than it does when they are live.
   *
   * @param {string} url
   */
  const family = (url) => {
    const [kind, shown] = /** @type {[number, number[]]} */ (live.get(url));
    const needed = new Set(kinds[kind]);
    const others = [...live.values()].filter(([other]) => kinds[other].every((position) => needed.has(position)));
    return at([...shown, ...needed, ...others.flatMap(([, positions]) => positions)]);
  };

  /**
   * A reader with a worker sees a page: keep what shows it, if it is of this deploy.
   *
   * @param {string} url
   * @param {Response} response
   */
  const visited = async (url, response) => {
    try {
      const page = await verified(url, response);
      if (!(await copyOf(url))) await (await caches.open(store)).put(url, page);
      await keepInTurn(() => at(live.get(url)?.[1] ?? []));
    } catch (error) {
      console.debug("liveviz:", error);
    }
  };

  self.addEventListener("message", (/** @type {any} */ event) => {
    const { type, page } = event.data ?? {};
    if (type !== "liveviz-store") return;
    const url = pageAt(page);
    const done = url
      ? keepInTurn(() => family(url)).catch((error) => ({ bytes: 0, problems: [String(error)] }))
      : Promise.resolve({ bytes: 0, problems: [`${page} is not among the live pages of the newest deploy`] });
    event.waitUntil(done.then((answer) => event.ports[0].postMessage(answer)));
  });

  // -- from deploy to deploy -----------------------------------------------------

  /** @param {string} name  of an earlier store */
  const takeOver = async (name) => {
    const [before, now] = [await caches.open(name), await caches.open(store)];
    for (const request of await before.keys()) {
      const { url } = request;
      const copy = isImmutable(url) && known.has(url) && !(await now.match(url)) && (await before.match(request));
      if (copy) await now.put(url, copy);
    }
  };

  const begin = async () => {
    for (const name of await caches.keys()) {
      if (!name.startsWith(own) || name === store) continue;
      await takeOver(name).catch((error) => console.debug("liveviz:", error)); // it can be fetched again
      await caches.delete(name);
    }
    await self.clients.claim();
  };
  self.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));
})();
