/** A file that could not be had; the message names its URL. */
export class DownloadError extends Error {
  /** @override */
  name = "DownloadError";
}

/**
 * Stands in for `fetch` while Python starts: counts bytes, starts downloads before Pyodide asks for them, and
 * remembers what went wrong, of which Pyodide tells too little or, for the WebAssembly file, nothing.
 */
export class Downloads {
  /** Bytes so far. */
  loaded = 0;
  /** Bytes of the downloads that began and told their size. */
  total = 0;

  #fetch;
  #report;
  #lanes;
  /** @type {Map<string, Promise<Response>>} by URL, until it is asked for */
  #ahead = new Map();
  /** @type {Set<string>} URLs that were asked for or begun */
  #known = new Set();
  /** @type {Map<string, Error>} by URL */
  #failures = new Map();
  /** @type {((url: string, error: Error) => void)[]} */
  #watchers = [];

  /**
   * @param {typeof fetch} fetch  the real one
   * @param {(url: string) => void} report  called when a count changed
   * @param {number} [lanes]  how many of a queue's downloads run at a time; browsers allow six to one host, and some
   *   must stay free for what Pyodide asks for meanwhile
   */
  constructor(fetch, report, lanes = 3) {
    this.#fetch = fetch;
    this.#report = report;
    this.#lanes = lanes;
  }

  /**
   * What to put in the place of `fetch`.
   *
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, globalThis.location?.href).href;
    const begun = this.#ahead.get(url);
    this.#ahead.delete(url);
    return begun ?? this.#get(url, input, init);
  };

  /**
   * Download and read on the way.
   *
   * @param {string} url
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  async open(url) {
    const { body } = await this.fetch(url);
    return body ?? new Blob([]).stream();
  }

  /**
   * Download now what `fetch` will be asked for.
   *
   * @param {string} url
   * @param {RequestInit} [init]
   * @param {(response: Response) => Response | Promise<Response>} [convert]  what is made of it for who asks
   * @returns {Promise<Response>} not to be read: it belongs to who asks for it
   */
  ahead(url, init, convert = (response) => response) {
    const begun = this.#get(url, url, init).then(convert);
    begun.catch(() => {}); // who asks for it hears of it
    this.#ahead.set(url, begun);
    return begun;
  }

  /**
   * The same for many, a few at a time, in order. One that is asked for before its turn is left to who asks.
   *
   * @param {{url: string, init?: RequestInit}[]} queue
   */
  async aheadInTurn(queue) {
    const waiting = [...queue];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (!this.#known.has(next.url)) await this.ahead(next.url, next.init).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: this.#lanes }, lane));
  }

  /**
   * Why a download failed, if it did.
   *
   * @param {string} url
   */
  failure(url) {
    return this.#failures.get(url);
  }

  /**
   * A promise that is only ever rejected: when the download of one of these fails.
   *
   * @param {string[]} urls
   * @returns {Promise<never>}
   */
  failureOf(urls) {
    return new Promise((_, reject) => {
      for (const url of urls) if (this.#failures.has(url)) reject(this.#failures.get(url));
      this.#watchers.push((url, error) => urls.includes(url) && reject(error));
    });
  }

  /**
   * @param {string} url
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   */
  async #get(url, input, init) {
    this.#known.add(url);
    /** @type {Response} */
    let response;
    try {
      response = await this.#fetch(input, init);
    } catch (error) {
      throw this.#fail(url, await this.#reason(url, error, Boolean(init?.integrity)));
    }
    if (!response.ok) throw this.#fail(url, answered(url, response));
    void this.#count(url, response.clone());
    return withWasmType(url, response);
  }

  /**
   * Browsers say the same of an unreachable host, of a missing file and of one with a wrong hash: ask again.
   *
   * @param {string} url
   * @param {unknown} error
   * @param {boolean} checked  whether the file's hash was
   */
  async #reason(url, error, checked) {
    const response = checked && (await this.#fetch(url, { method: "HEAD" }).catch(() => null));
    if (!response) return `${url} could not be fetched (${error})`;
    return response.ok ? `${url} is not the file that the lock names: its sha256 is another` : answered(url, response);
  }

  /**
   * @param {string} url
   * @param {Response} response
   */
  async #count(url, response) {
    // The length of a compressed transfer says nothing of the bytes that come out of it.
    const size = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length"));
    let counted = 0;
    this.total += size;
    try {
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        counted += part.value.length;
        this.loaded += part.value.length;
        if (counted > size) this.total += Math.min(counted - size, part.value.length);
        this.#report(url);
      }
    } catch (error) {
      this.#fail(url, `${url} broke off after ${counted} bytes (${error})`);
    }
  }

  /**
   * @param {string} url
   * @param {string} message
   */
  #fail(url, message) {
    const error = new DownloadError(message);
    this.#failures.set(url, error);
    for (const watcher of this.#watchers) watcher(url, error);
    return error;
  }
}

/**
 * Import a script.
 *
 * @param {string} url
 * @returns {Promise<any>}
 * @throws {DownloadError} of anything else that may be wrong with it, browsers tell as little
 */
export async function imported(url) {
  try {
    return await import(url);
  } catch (error) {
    throw new DownloadError(`${url} could not be imported (${error})`);
  }
}

/**
 * @param {string} url
 * @param {Response} response
 */
function answered(url, { status, statusText }) {
  return `${url} answered ${status} ${statusText}`.trimEnd();
}

/**
 * Hosts that do not know WebAssembly send it with a type with which browsers refuse to compile it on the way.
 *
 * @param {string} url
 * @param {Response} response
 */
function withWasmType(url, response) {
  const right = "application/wasm";
  if (!new URL(url).pathname.endsWith(".wasm") || response.headers.get("Content-Type") === right) return response;
  return new Response(response.body, { headers: { "Content-Type": right } });
}
