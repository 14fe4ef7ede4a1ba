/** @import {Disposable, Page} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */
/** @import {OutputArea} from "./output.js" */

import { nodesOf, runs } from "./ansi.js";
import { MIME as BOKEH, render as renderBokeh } from "./bokeh.js";
import { insertHtml, pdfHtml, scriptHtml } from "./html.js";
import { jsonTree } from "./json.js";
import { formulaHtml, isFormula, latexHtml, typeset } from "./math.js";
import { literal } from "./text.js";

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
 * @property {number} rank  of the types that a value offers, the one of lowest rank is shown; choice.py has the same
 *   order
 * @property {(data: any) => boolean} [accepts]  whether it can show this
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
    const mime = Object.keys(data).find(
      (one) => renderer.shows(one) && (renderer.accepts?.(data[one]) ?? true),
    );
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
  mime: "text/markdown",
  className: "live-mime",
  rank: 30,
  async render(data, metadata, element, { page }) {
    await page.ensure({ js: [page.manifest.markdown] });
    if (!page.markdown) throw new Error("what reads Markdown is not loaded");
    await insertHtml(page.markdown(data, formulaHtml), element);
    return typeset(element, page);
  },
});

register({
  mime: "text/latex",
  className: "live-mime",
  rank: 40,
  accepts: isFormula,
  async render(data, metadata, element, { page }) {
    element.innerHTML = latexHtml(data);
    return typeset(element, page);
  },
});

for (const [index, mime] of ["image/svg+xml", "image/png", "image/gif", "image/jpeg", "image/webp"].entries()) {
  // A drawing too as an image and not inline: the ids and styles of two of them would mix.
  const address = (/** @type {string} */ data) =>
    mime === "image/svg+xml"
      ? `data:image/svg+xml,${encodeURIComponent(data)}`
      : `data:${mime};base64,${data.replaceAll(/\s/g, "")}`;
  register({
    mime,
    className: "live-image",
    rank: 50 + index,
    render: (data, metadata, element, { name }) => showImage(address(data), metadata, element, name),
  });
}

register({
  mime: "application/javascript",
  className: "live-mime",
  rank: 60,
  render: (data, metadata, element) => insertHtml(scriptHtml(data), element),
});

register({
  mime: "application/pdf",
  className: "live-mime",
  rank: 70,
  render: (data, metadata, element, { name }) => insertHtml(pdfHtml(data, name), element),
});

/** @param {string} mime */
const isJson = (mime) => /^application\/(?:json|(?!vnd\.|x[.-])[\w.-]+\+json)$/.test(mime);
/** JSON that takes a program to make sense of. @param {string} mime */
const isOtherJson = (mime) =>
  /^[\w.-]+\/[\w.-]+\+json$/.test(mime) && !isJson(mime) && mime !== BOKEH && !globalThis.liveviz.canDraw(mime);

for (const [mime, rank] of /** @type {const} */ ([
  [isJson, 80],
  [isOtherJson, 100],
])) {
  register({
    mime,
    className: "live-mime",
    rank,
    async render(data, metadata, element) {
      element.append(jsonTree(data, metadata));
    },
  });
}

register({
  mime: "text/plain",
  className: "live-text",
  rank: 90,
  async render(data, metadata, element) {
    element.append(literal(nodesOf(runs(`${data}\n`)[0])));
  },
});

/**
 * Return the types of a bundle that nothing here shows, if that is why it is shown as it is.
 *
 * @param {Record<string, unknown>} data
 * @param {string} mime  that is shown
 */
export function unknown(data, mime) {
  const isPlain = mime === "text/plain" || isJson(mime) || isOtherJson(mime);
  return isPlain ? Object.keys(data).filter(isOtherJson) : [];
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
  // One of the two, so that the picture keeps its shape where the page is narrow.
  if (width) image.style.width = `${width}px`;
  else if (height) image.style.height = `${height}px`;
  element.append(image);
  await new Promise((resolve, reject) => {
    image.addEventListener("load", resolve);
    image.addEventListener("error", () => reject(new Error("the picture cannot be read")));
    image.src = source;
  });
}
