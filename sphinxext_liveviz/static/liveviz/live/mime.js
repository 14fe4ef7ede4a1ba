/** @import {Disposable, Page} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */
/** @import {OutputArea} from "./output.js" */

import { MIME as BOKEH, render as renderBokeh } from "./bokeh.js";
import { insertHtml } from "./html.js";
import { literal, printed } from "./text.js";

/** @typedef {Pick<OutputArea, "handle" | "complain">} Area  the cell that hears of what an output does */

/**
 * Where an output is shown and what belongs to it.
 *
 * @typedef {object} Context
 * @property {Page} page
 * @property {WorkerKernel} kernel
 * @property {Area} area
 * @property {any} transient  of the message
 * @property {string} name  what to call the output where it cannot be seen
 */

/**
 * Shows one MIME type.
 *
 * @typedef {object} Renderer
 * @property {(mime: string) => boolean} shows
 * @property {string} className  of the element: the class that such outputs have in the static page
 * @property {number} rank  of the types that a value offers, the one of lowest rank is shown
 * @property {(
 *   data: any, metadata: any, element: HTMLElement, context: Context, mime: string
 * ) => Promise<Disposable | void>} render
 *   fulfilled when it can be seen; `element` is in the document, laid out, and empty
 */

/** @type {Renderer[]} by rank */
const renderers = [];

/** @param {Omit<Renderer, "shows"> & {mime: string | ((mime: string) => boolean)}} renderer */
export function register({ mime, ...renderer }) {
  const shows = typeof mime === "string" ? (/** @type {string} */ one) => one === mime : mime;
  renderers.push({ ...renderer, shows });
  renderers.sort((one, other) => one.rank - other.rank);
}

/**
 * Return the renderer for a MIME bundle, and which of its types that shows.
 *
 * @param {Record<string, unknown>} data
 * @returns {{renderer: Renderer, mime: string} | undefined}
 */
export function choose(data) {
  for (const renderer of renderers) {
    const mime = Object.keys(data).find(renderer.shows);
    if (mime !== undefined) return { renderer, mime };
  }
  return undefined;
}

register({
  mime: BOKEH,
  className: "live-mime",
  rank: 10,
  async render(data, metadata, element, { page, kernel, area, transient }) {
    const bundle = JSON.parse(page.localise(JSON.stringify(data)));
    const commId = transient.liveviz?.comm_id;
    return renderBokeh(bundle, { commId, kernel, onMessage: area.handle, onError: area.complain, element });
  },
});

register({
  mime: (mime) => globalThis.liveviz.canDraw(mime),
  className: "live-mime",
  rank: 15,
  render: (data, metadata, element, context, mime) =>
    context.page.draw({ mime, data: JSON.parse(context.page.localise(JSON.stringify(data))), metadata, element, context }),
});

register({
  mime: "text/html",
  className: "live-mime",
  rank: 20,
  render: (data, metadata, element) => insertHtml(data, element),
});

register({
  mime: "image/svg+xml",
  className: "live-image",
  rank: 30,
  // As an image and not inline: the ids and styles of two drawings would mix.
  render: (data, metadata, element, { name }) =>
    showImage(`data:image/svg+xml,${encodeURIComponent(data)}`, metadata, element, name),
});

for (const [index, mime] of ["image/png", "image/jpeg", "image/gif", "image/webp"].entries()) {
  register({
    mime,
    className: "live-image",
    rank: 40 + index,
    render: (data, metadata, element, { name }) =>
      showImage(`data:${mime};base64,${data.replaceAll(/\s/g, "")}`, metadata, element, name),
  });
}

register({
  mime: "application/json",
  className: "live-text",
  rank: 70,
  async render(data, metadata, element) {
    element.append(literal(`${JSON.stringify(data, null, 2)}\n`));
  },
});

for (const [mime, rank] of /** @type {const} */ ([
  ["text/markdown", 50],
  ["text/latex", 60],
  ["text/plain", 80],
])) {
  register({
    mime,
    className: "live-text",
    rank,
    async render(data, metadata, element) {
      element.append(literal(`${printed(data)}\n`));
    },
  });
}

/**
 * @param {string} source
 * @param {{width?: number, height?: number, alt?: string}} hints
 * @param {HTMLElement} element
 * @param {string} name
 */
async function showImage(source, { width, height, alt }, element, name) {
  const image = document.createElement("img");
  image.alt = alt || name;
  if (width) image.style.width = `${width}px`;
  if (height) image.style.height = `${height}px`;
  element.append(image);
  await new Promise((resolve, reject) => {
    image.addEventListener("load", resolve);
    image.addEventListener("error", () => reject(new Error("the picture cannot be read")));
    image.src = source;
  });
}
