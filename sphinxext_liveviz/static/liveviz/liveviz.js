// Loaded with every page that has cells: loads BokehJS and its like where the page shows any of it, draws the static
// Bokeh outputs, and offers to run. It is a classic script, because module scripts and fetch() do not work on pages
// opened from disk; all that is live is imported on first Run, or when the reader seems about to press it.
"use strict";

(() => {
  /** @typedef {import("./live/protocol.js").Page} Page */

  const BOKEH = "application/vnd.liveviz.bokeh+json";

  /** Milliseconds that a pointer, or the focus, stays on a button that is meant, and not just passed. */
  const MEANT = 100;

  const start = () => {
    const data = document.getElementById("liveviz-manifest");
    if (!data) return;
    const manifest = JSON.parse(data.textContent ?? "");
    const localise = localiser(manifest.assets);
    const functions = { localise, ensure, embedBokeh, canDraw, drawer, draw, showCard };
    globalThis.liveviz = { manifest, ...functions, drawers: {}, commTargets: {}, areas: new WeakMap() };
    void drawStatic(manifest);
    for (const record of manifest.cells) {
      const cell = document.querySelector(`.live-cell[data-cell="${CSS.escape(record.id)}"]`);
      if (!(cell instanceof HTMLElement)) continue;
      if (manifest.pyodide && !record.static) addToolbar(cell, record);
      else cell.dataset.live = "false";
    }
  };

  /** @param {Record<string, string>} assets */
  const localiser = (assets) => {
    const prefixes = Object.keys(assets).sort((one, other) => other.length - one.length);
    if (!prefixes.length) return (/** @type {string} */ text) => text;
    const pattern = new RegExp(prefixes.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
    return (/** @type {string} */ text) =>
      text.replace(pattern, (prefix) => new URL(assets[prefix], document.baseURI).href);
  };

  /**
   * Scripts and style sheets by their URLs without query; those that the page has by itself are no element of ours.
   * @type {Map<string, {key: string, element: HTMLElement | undefined, loaded: Promise<void>}>}
   */
  const asked = new Map();

  /** @type {Page["ensure"]} */
  const ensure = async ({ js = [], css = [], modules = [], mimes = [] } = {}) => {
    // What a theme or another extension brought is in no order with scripts of ours that need it.
    if (js.map(withoutQuery).some((key) => !asked.get(key)?.element && isPresent(key))) await pageLoaded();
    const entries = [...js.map((url) => once(url, script)), ...css.map((url) => once(url, styleSheet))];
    const ends = await Promise.allSettled(entries.map(({ loaded }) => loaded));
    const failed = ends.findIndex(({ status }) => status === "rejected");
    if (failed < 0) {
      await Promise.all(modules.map(importModule));
      for (const mime of mimes) await drawer(mime);
      return;
    }
    // A retry tries again, and has run once more what ran without this one.
    for (const entry of entries.slice(failed)) {
      entry.element?.remove();
      if (asked.get(entry.key) === entry) asked.delete(entry.key);
    }
    throw /** @type {PromiseRejectedResult} */ (ends[failed]).reason;
  };

  /**
   * @param {string} url
   * @param {(url: string) => HTMLElement} create
   */
  const once = (url, create) => {
    const key = withoutQuery(url);
    let entry = asked.get(key);
    if (!entry) {
      const element = isPresent(key) ? undefined : create(url);
      entry = { key, element, loaded: element ? whenLoaded(element, url) : pageLoaded() };
      asked.set(key, entry);
      if (element) document.head.append(element);
    }
    return entry;
  };

  /**
   * Whether a theme or another extension has brought a file, from its public address perhaps.
   *
   * @param {string} key
   */
  const isPresent = (key) => {
    /** @type {NodeListOf<HTMLScriptElement | HTMLLinkElement>} */
    const elements = document.querySelectorAll("script[src], link[rel~=stylesheet]");
    const address = (/** @type {HTMLScriptElement | HTMLLinkElement} */ one) => ("src" in one ? one.src : one.href);
    return Array.from(elements).some((one) => withoutQuery(liveviz.localise(address(one))) === key);
  };

  /** @param {string} url */
  const withoutQuery = (url) => {
    const absolute = new URL(url, document.baseURI);
    absolute.search = absolute.hash = "";
    return absolute.href;
  };

  /** What the page itself asked for has been loaded, or has failed. */
  const pageLoaded = () =>
    new Promise((/** @type {(_: void) => void} */ resolve) => {
      if (document.readyState === "complete") resolve();
      else addEventListener("load", () => resolve());
    });

  /**
   * @param {HTMLElement} element
   * @param {string} url
   * @returns {Promise<void>}
   */
  const whenLoaded = (element, url) =>
    new Promise((resolve, reject) => {
      element.addEventListener("load", () => resolve());
      element.addEventListener("error", () => reject(new Error(`${url} could not be loaded`)));
    });

  /** Those that the page gets at the same time are fetched at the same time, and run in order. @param {string} src */
  const script = (src) => Object.assign(make("script", ""), { src, async: false });

  /** The browser runs a module once, however often it is asked for. @param {string} url */
  const importModule = async (url) => {
    const { href, hash } = new URL(url, document.baseURI);
    const loaded = await import(href.replace(/#.*/, ""));
    if (hash) Object.assign(globalThis, { [hash.slice(1)]: loaded.default });
  };

  /** @param {string} href */
  const styleSheet = (href) => Object.assign(make("link", ""), { rel: "stylesheet", href });

  /** @type {Page["embedBokeh"]} */
  const embedBokeh = async ({ doc, resources }, element, prepare) => {
    await ensure({ mimes: resources?.mimes });
    const { Bokeh } = globalThis;
    if (!Bokeh) throw new Error("BokehJS is not loaded");
    liveviz.registerBokehModels?.();
    const document = Bokeh.require("document").Document.from_json(doc);
    prepare?.(document);
    const views = await Bokeh.embed.add_document_standalone(document, element);
    const dispose = () => {
      views.clear();
      // BokehJS keeps a list of all documents, and so would keep this one for ever.
      const index = Bokeh.documents.indexOf(document);
      if (index >= 0) Bokeh.documents.splice(index, 1);
    };
    return { document, views, dispose };
  };

  /** @param {string} mime */
  const drawerOf = (mime) => {
    const drawers = Object.entries(liveviz.manifest.drawers);
    return drawers.find(([, mimes]) => new RegExp(`^(?:${mimes})$`).test(mime))?.[0];
  };

  /** @type {Page["canDraw"]} */
  const canDraw = (mime) => drawerOf(mime) !== undefined;

  /** @type {Page["drawer"]} */
  const drawer = async (mime) => {
    const script = drawerOf(mime);
    const name = script && /([^/]+)\.js$/.exec(script)?.[1];
    if (!name) throw new Error(`nothing here draws ${mime}`);
    await ensure({ js: [script] });
    return liveviz.drawers[name];
  };

  /** @type {Page["draw"]} */
  const draw = async (drawing) => (await drawer(drawing.mime))(drawing);

  /**
   * @param {import("./live/protocol.js").Manifest} manifest  its scripts are no elements of the page's source: those
   *   would hold DOMContentLoaded back, for which search and themes wait
   */
  const drawStatic = async ({ scripts, modules }) => {
    /** @type {unknown} */
    let missing;
    try {
      await ensure({ js: scripts, modules });
    } catch (error) {
      console.error("liveviz:", error);
      missing = error; // some outputs may do without it
    }
    // BokehJS draws one document after another. The others wait for nobody: what draws them may never answer.
    let last = Promise.resolve();
    for (const block of document.querySelectorAll(".live-mime[data-mime]")) {
      const mime = block.getAttribute("data-mime") ?? "";
      const source = block.querySelector(':scope > script[type="application/json"]');
      // HTML may hold data of its own.
      if (!source || !(block instanceof HTMLElement) || !(mime === BOKEH || canDraw(mime))) continue;
      if (mime === BOKEH) last = last.then(() => drawBlock(block, source, missing));
      else void drawBlock(block, source, missing);
    }
  };

  /**
   * @param {HTMLElement} block
   * @param {Element} source  holds the content
   * @param {unknown} missing  why a library is not there, if one is not
   */
  const drawBlock = async (block, source, missing) => {
    try {
      await drawData(block, source);
      block.dataset.status = "rendered";
    } catch (error) {
      console.error("liveviz: a static output could not be drawn", error);
      block.dataset.status = "failed";
      block.append(make("p", "live-note", `This output could not be drawn: ${missing ?? error}`));
    }
    block.style.minHeight = ""; // it was the room for what is there now
  };

  /**
   * @param {HTMLElement} block
   * @param {Element} source  holds the content
   */
  const drawData = async (block, source) => {
    const data = JSON.parse(liveviz.localise(source.textContent ?? ""));
    const mime = block.dataset.mime ?? "";
    if (mime === BOKEH) return embedBokeh(data, block);
    const element = make("div", "");
    block.append(element);
    const metadata = JSON.parse(source.getAttribute("data-metadata") ?? "{}");
    return draw({ mime, data, metadata, element });
  };

  /**
   * @param {HTMLElement} cell
   * @param {import("./live/protocol.js").CellRecord} record
   */
  const addToolbar = (cell, { id, number }) => {
    const toolbar = make("div", "live-toolbar");
    const button = make("button", "live-run", "Run");
    button.type = "button";
    button.setAttribute("aria-label", `Run cell ${number}`);
    button.addEventListener("click", () => void run(cell, id));
    watch(toolbar, button);
    const status = make("span", "live-status");
    status.setAttribute("aria-live", "polite");
    toolbar.append(button, status);
    cell.insertBefore(toolbar, cell.querySelector(":scope > .live-output"));
  };

  /**
   * Begin what Run takes when the reader seems about to press it: a pointer that comes near loads the scripts; one that
   * stays on the button, a finger's too, or the focus, starts Python.
   *
   * @param {HTMLElement} toolbar
   * @param {HTMLElement} button
   */
  const watch = (toolbar, button) => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let meant;
    const stay = () => {
      clearTimeout(meant);
      meant = setTimeout(() => void ahead((session) => session.prepare()), MEANT);
    };
    const pass = () => clearTimeout(meant);
    toolbar.addEventListener("pointerenter", () => void ahead());
    toolbar.addEventListener("focusin", () => void ahead());
    button.addEventListener("pointerenter", stay);
    button.addEventListener("focus", stay);
    button.addEventListener("pointerleave", pass);
    button.addEventListener("blur", pass);
  };

  /**
   * Do something for a Run that may come. What fails is told when it does come, for it is tried again then.
   *
   * @param {(session: typeof import("./live/session.js")) => void} [then]
   */
  const ahead = async (then = () => {}) => {
    if (attempts || location.protocol === "file:") return;
    try {
      then(await load());
    } catch (error) {
      console.debug("liveviz: the scripts could not be loaded ahead:", error);
    }
  };

  /** @type {typeof import("./live/session.js") | undefined} */
  let session;
  /** @type {Promise<typeof import("./live/session.js")> | undefined} */
  let loading;
  /** Those that failed. */
  let attempts = 0;

  const load = () => {
    // A browser may remember that an import failed, hence another URL for each further attempt.
    const query = attempts ? `?attempt=${attempts}` : "";
    loading ??= import(new URL(`session.js${query}`, new URL(liveviz.manifest.live, document.baseURI)).href).then(
      (loaded) => (session = loaded),
      (error) => {
        attempts += 1;
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };

  /**
   * @param {HTMLElement} cell
   * @param {string} id
   */
  const run = async (cell, id) => {
    if (session) return session.run(id);
    cell.querySelector(":scope > .live-card")?.remove();
    cell.dataset.status = "starting";
    let loaded;
    try {
      if (location.protocol === "file:") throw new Error("This page was opened from disk");
      loaded = await load();
    } catch (error) {
      console.error("liveviz:", error);
      cell.dataset.status = "failed";
      const fromDisk =
        "The page was opened from disk, where browsers let no Python run. Serve its folder over HTTP, " +
        "for instance with “python -m http.server”, and open the address that this prints.";
      return showCard(cell, {
        title: "This cell cannot run",
        text: location.protocol === "file:" ? fromDisk : "The scripts that run cells could not be loaded.",
        details: String(error),
        actions: [
          ["Try again", () => void run(cell, id)],
          ["Dismiss", () => void (cell.dataset.status = "static")],
        ],
      });
    }
    loaded.run(id);
  };

  /** @type {Page["showCard"]} */
  const showCard = (cell, { title, text, details, actions }) => {
    cell.querySelector(":scope > .live-card")?.remove();
    const card = make("div", "live-card");
    card.setAttribute("role", "alert");
    card.append(make("p", "live-card-title", title), make("p", "", text));
    if (details) card.append(make("pre", "", details));
    const buttons = make("div", "live-card-actions");
    for (const [label, action] of actions) {
      const button = make("button", "", label);
      button.type = "button";
      button.addEventListener("click", () => {
        card.remove();
        // The button that had the focus is gone.
        /** @type {HTMLElement | null} */ (cell.querySelector(".live-run"))?.focus();
        action();
      });
      buttons.append(button);
    }
    card.append(buttons);
    const toolbar = cell.querySelector(":scope > .live-toolbar");
    if (toolbar) toolbar.after(card);
    else cell.append(card);
  };

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {string} className
   * @param {string} [text]
   */
  const make = (tag, className, text = "") => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.textContent = text;
    return element;
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
