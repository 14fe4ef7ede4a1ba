// Put into each page before its own scripts: writes down what the page and its worker say to each other. It changes
// nothing of that, but for one thing: there are no shared workers, because their requests cannot be seen.
"use strict";

(() => {
  /**
   * @typedef {{type: "status", cell: string, status: string, time: number}
   *   | {type: "request", cell: string, time: number}
   *   | {type: "message", cell: string, message: any, time: number}
   *   | {type: "ready", seconds: number, how: string, time: number}
   *   | {type: "fail", name: string, message: string, fatal: boolean, time: number}} Entry
   */

  // @ts-ignore: no page has one here
  delete globalThis.SharedWorker;

  /** @type {Entry[]} */
  const log = [];
  let tell = () => {};
  /** @type {Record<string, string>} id of a request to the cell that it runs */
  const cells = {};
  /** @type {Worker | undefined} the last one that Python was started in */
  let python;
  let started = 0;
  let count = 0;

  /** @param {any} entry */
  const write = (entry) => {
    log.push({ ...entry, time: performance.now() });
    tell();
  };

  const RealWorker = globalThis.Worker;
  class ObservedWorker extends RealWorker {
    /**
     * @param {string | URL} source
     * @param {WorkerOptions} [options]
     */
    constructor(source, options) {
      super(source, options);
      if (options?.name !== "liveviz") return;
      python = this;
      started = performance.now();
      this.addEventListener("message", ({ data }) => hear(data));
    }

    /**
     * @override
     * @param {any} data
     * @param {any} [transfer]
     */
    postMessage(data, transfer) {
      if (data?.type === "message") note(JSON.parse(data.message));
      super.postMessage(data, transfer);
    }
  }
  globalThis.Worker = ObservedWorker;

  /** @param {any} request */
  const note = ({ header, metadata }) => {
    const cell = metadata?.liveviz?.cell;
    if (header.msg_type !== "execute_request" || !cell) return;
    cells[header.msg_id] = cell;
    write({ type: "request", cell });
  };

  /** @param {any} data */
  const hear = (data) => {
    if (data.type === "ready") {
      write({ type: "ready", seconds: (performance.now() - started) / 1000, how: data.how });
    } else if (data.type === "fail") {
      const { name, message, fatal } = data.error;
      write({ type: "fail", name, message, fatal });
    } else if (data.type === "message") {
      const message = JSON.parse(data.message);
      const cell = cells[message.parent_header.msg_id];
      if (cell && !message.header.msg_type.startsWith("comm_")) write({ type: "message", cell, message });
    }
  };

  const watch = () => {
    /** @type {Record<string, string | undefined>} */
    const last = {};
    new MutationObserver((records) => {
      for (const { target } of records) {
        const { cell = "", status = "" } = /** @type {HTMLElement} */ (target).dataset;
        if (cell && last[cell] !== status) write({ type: "status", cell, status: (last[cell] = status) });
      }
    }).observe(document, { subtree: true, attributeFilter: ["data-status"] });
  };
  watch();

  /** @param {string} id */
  const find = (id) => /** @type {HTMLElement | null} */ (
    document.querySelector(`.live-cell[data-cell="${CSS.escape(id)}"]`)
  );

  /**
   * Run code that the page has no Run for.
   *
   * @param {string} cell
   * @param {number} number
   * @param {string} code
   */
  const execute = (cell, number, code) => {
    const header = { msg_id: `livecheck_${++count}`, msg_type: "execute_request" };
    const request = {
      header,
      parent_header: {},
      metadata: { liveviz: { cell, number } },
      content: { code, silent: false, store_history: true },
      channel: "shell",
    };
    python?.postMessage({ type: "message", message: JSON.stringify(request), buffers: [] }, []);
  };

  Object.assign(globalThis, {
    livecheck: {
      execute,

      /**
       * Start Python in a page of which no cell is live.
       *
       * @returns {Promise<void>}
       */
      async start() {
        if (python) return;
        const { liveviz } = /** @type {any} */ (globalThis);
        const { startRuntime } = await import(new URL("runtime.js", new URL(liveviz.manifest.live, document.baseURI)).href);
        await (await startRuntime(liveviz)).ready;
      },

      /**
       * What has been written down from a position on; waits until there is something.
       *
       * @param {number} position
       * @returns {Promise<Entry[]>}
       */
      async after(position) {
        while (log.length <= position) await new Promise((resolve) => (tell = () => resolve(undefined)));
        return log.slice(position);
      },

      /**
       * Show the static output of a live cell, or the live one again.
       *
       * @param {string} id
       * @param {boolean} shown
       * @returns {Promise<void>} fulfilled when its pictures can be seen
       */
      async showStatic(id, shown) {
        const [still, live] = ["live-static", "live-output"].map((name) => find(id)?.querySelector(`:scope > .${name}`));
        if (still instanceof HTMLElement) still.hidden = !shown;
        if (live instanceof HTMLElement) live.hidden = shown;
        for (const image of still?.querySelectorAll("img") ?? []) {
          image.loading = "eager";
          await image.decode().catch(() => {}); // a broken picture is shown as one
        }
      },

      /**
       * How much two pictures differ: 0 where they are the same, 1 for black and white.
       *
       * They are compared as seen from afar, so that letters may be drawn in another way; the worst place counts.
       *
       * @param {string} one  data URL
       * @param {string} other
       * @returns {Promise<{distance: number, sizes: string[]}>}
       */
      async distance(one, other) {
        const [a, b] = await Promise.all([one, other].map(decode));
        const width = Math.max(1, Math.min(64, Math.round(a.naturalWidth / 4)));
        const height = Math.max(1, Math.round((width * a.naturalHeight) / a.naturalWidth));
        const [left, right] = [a, b].map((image) => pixels(image, width, height));
        let distance = 0;
        for (let index = 0; index < left.length; index += 1) {
          distance = Math.max(distance, Math.abs(left[index] - right[index]) / 255);
        }
        return { distance, sizes: [a, b].map((image) => `${image.naturalWidth} × ${image.naturalHeight}`) };
      },
    },
  });

  /** @param {string} source */
  const decode = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    return image;
  };

  /**
   * @param {HTMLImageElement} image
   * @param {number} width
   * @param {number} height
   */
  const pixels = (image, width, height) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
})();
