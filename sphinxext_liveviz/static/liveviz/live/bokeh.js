/**
 * A live Bokeh document: the page's copy and Python's in step over a comm, with Bokeh's own patches.
 *
 * The page sends one patch at a time and waits until Python has dealt with it. What changes meanwhile is gathered,
 * and of several changes of one property only the last is kept, so that Python never falls behind a dragged slider.
 * Python waits in turn: with what nobody asked for, until the page says that it has painted what came before.
 *
 * @module
 */

/** @typedef {import("./protocol.js").Message} Message */

export const MIME = "application/vnd.liveviz.bokeh+json";
const TARGET = "liveviz.bokeh";

/**
 * Comms that Python opened and whose display has not been rendered yet, with what they said so far.
 * @type {WeakMap<object, Map<string, {comm: any, messages: any[]}>>}
 */
const opened = new WeakMap();

/**
 * Be ready for the comms of a kernel's documents. Python opens the comm before it shows the document, and may change
 * the document before the page has drawn it: nothing of that is lost.
 * @param {any} kernel of the shape of IKernelConnection
 */
export function register(kernel) {
  const waiting = new Map();
  opened.set(kernel, waiting);
  kernel.registerCommTarget(TARGET, (/** @type {any} */ comm) => {
    const entry = { comm, messages: /** @type {any[]} */ ([]) };
    comm.onMsg = (/** @type {any} */ message) => entry.messages.push(message);
    waiting.set(comm.commId, entry);
  });
}

/**
 * Draw a document and keep it in step with Python.
 * @param {{doc: any, roots: string[], resources: {js: string[], css: string[]}}} bundle content of the MIME type
 * @param {object} context
 * @param {string | undefined} context.commId comm that Python opened for this view; without one it is only drawn
 * @param {any} context.kernel
 * @param {(message: Message) => void} context.onMessage takes what Python says while it deals with a patch
 * @param {(error: unknown) => void} context.onError takes what goes wrong after the first drawing
 * @param {HTMLElement} context.element
 * @returns {Promise<{dispose(): void}>}
 */
export async function render(bundle, { commId, kernel, onMessage, onError, element }) {
  await globalThis.liveviz.ensure(bundle.resources);
  const waiting = commId ? opened.get(kernel)?.get(commId) : undefined;
  if (!waiting) {
    return globalThis.liveviz.embedBokeh(bundle, element);
  }
  opened.get(kernel)?.delete(/** @type {string} */ (commId));
  /** @type {Link | undefined} */
  let link;
  const view = await globalThis.liveviz.embedBokeh(bundle, element, (/** @type {any} */ doc) => {
    link = new Link(doc, waiting.comm, onMessage, onError);
  });
  /** @type {Link} */ (link).start(waiting.messages);
  return {
    dispose() {
      /** @type {Link} */ (link).dispose();
      view.dispose();
    },
  };
}

/** One view's end of the comm. */
class Link {
  /** @type {any[]} changes that Python has not been told yet, in order */
  #gathered = [];
  #sending = false;
  #disposed = false;
  #rendered = false;
  /** @type {Promise<void>} application of Python's patches, one after the other */
  #applied = Promise.resolve();
  #document;
  #comm;
  #onMessage;
  #onError;

  /**
   * @param {any} document BokehJS document, not drawn yet: drawing computes ranges that Python wants to know
   * @param {any} comm
   * @param {(message: Message) => void} onMessage
   * @param {(error: unknown) => void} onError
   */
  constructor(document, comm, onMessage, onError) {
    this.#document = document;
    this.#comm = comm;
    this.#onMessage = onMessage;
    this.#onError = onError;
    document.on_change(this.#changed, true);
  }

  /** @param {any[]} messages what came while the document was drawn */
  start(messages) {
    this.#rendered = true;
    this.#comm.onMsg = (/** @type {any} */ message) => this.#receive(message);
    for (const message of messages) this.#receive(message);
    this.#send({ event: "ready" }, []);
    this.#flush();
  }

  dispose() {
    this.#disposed = true;
    this.#document.remove_on_change(this.#changed);
    this.#comm.onMsg = () => {};
    if (!this.#comm.isDisposed) this.#comm.close();
  }

  #changed = (/** @type {any} */ event) => {
    const batch = event.events !== undefined;
    const events = batch ? (event.sync ? event.events : []) : [event];
    for (const one of events) if (one.sync) this.#gather(one);
    queueMicrotask(() => this.#flush());
  };

  /**
   * Keep a change for the next patch, in place of an older one of the same property. Anything but a change of a
   * property, such as a click, is a barrier: Python must see the values that stood when it happened.
   * @param {any} event
   */
  #gather(event) {
    // BokehJS writes replaced columns as they are when they are sent: rows that came meanwhile are in them.
    const replaces = (/** @type {any} */ one) => one.kind === "ModelChanged" && one.attr === "data";
    const adds = event.kind === "ColumnsStreamed" || event.kind === "ColumnsPatched";
    if (adds && this.#gathered.some((one) => one.model === event.model && replaces(one))) return;
    if (event.kind === "ModelChanged") {
      for (let i = this.#gathered.length - 1; i >= 0 && this.#gathered[i].kind === "ModelChanged"; i--) {
        if (this.#gathered[i].model === event.model && this.#gathered[i].attr === event.attr) {
          this.#gathered.splice(i, 1);
          break;
        }
      }
    }
    this.#gathered.push(event);
  }

  #flush() {
    if (this.#sending || !this.#rendered || this.#disposed || this.#gathered.length === 0) return;
    const events = this.#gathered;
    this.#gathered = [];
    const { patch, buffers } = encode(this.#document.create_json_patch(events));
    this.#sending = true;
    this.#send({ patch, buffer_ids: buffers.map((_, i) => String(i)) }, buffers)
      .catch((/** @type {unknown} */ error) => {
        if (!this.#disposed) this.#onError(error);
      })
      .finally(() => {
        this.#sending = false;
        this.#flush();
      });
  }

  /**
   * @param {object} data
   * @param {ArrayBuffer[]} buffers
   * @returns {Promise<unknown>} settled when Python has dealt with it
   */
  #send(data, buffers) {
    const future = this.#comm.send(data, {}, buffers);
    future.onIOPub = this.#onMessage;
    return future.done;
  }

  /** @param {any} message */
  #receive(message) {
    const { data } = message.content;
    this.#applied = this.#applied
      .then(() => this.#apply(data, message.buffers ?? []))
      .catch((error) => this.#onError(error))
      .then(() => {
        if (data.ask === "painted") this.#tellPainted();
      });
  }

  /** Frames are painted after what is called before them. None is in a hidden tab, and Python hears nothing. */
  #tellPainted() {
    requestAnimationFrame(() => {
      setTimeout(() => {
        // No answer is waited for, and room is left for those that are.
        if (!this.#disposed) this.#comm.send({ event: "painted" }).dispose();
      });
    });
  }

  /**
   * @param {{patch: any, buffer_ids: string[], ask?: string, resources?: {js: string[], css: string[]}}} data
   * @param {DataView[]} views
   */
  async #apply(data, views) {
    const { patch, resources } = JSON.parse(globalThis.liveviz.localise(JSON.stringify(data)));
    if (resources) await globalThis.liveviz.ensure(resources);
    if (this.#disposed) return;
    const buffers = new Map(data.buffer_ids.map((id, i) => [id, exact(views[i])]));
    this.#document.apply_json_patch(patch, buffers);
  }
}

/**
 * Replace the binary buffers of a patch by references.
 * @param {any} patch
 * @returns {{patch: any, buffers: ArrayBuffer[]}}
 */
function encode(patch) {
  const { Buffer } = globalThis.Bokeh.require("core/serialization");
  /** @type {ArrayBuffer[]} */
  const buffers = [];
  const text = JSON.stringify(patch, (_, value) => {
    if (!(value instanceof Buffer)) return value;
    buffers.push(value.buffer);
    return { id: String(buffers.length - 1) };
  });
  return { patch: JSON.parse(text), buffers };
}

/**
 * @param {DataView} view
 * @returns {ArrayBuffer} of just the view's bytes
 */
function exact(view) {
  const whole = view.byteOffset === 0 && view.byteLength === view.buffer.byteLength;
  return /** @type {ArrayBuffer} */ (
    whole ? view.buffer : view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)
  );
}
