/** @import {Page} from "./protocol.js" */

const ENVIRONMENT = /^\\begin\{(?:equation|align|alignat|eqnarray|gather|multline)\*?\}[^]+$/;
const DELIMITED = /^(?:\$\$?[^$]+\$\$?|\\\[[^]+\\\])$/;

/**
 * Whether LaTeX is a formula, and not a text that has some.
 *
 * @param {string} source
 */
export function isFormula(source) {
  return DELIMITED.test(source.trim()) || ENVIRONMENT.test(source.trim());
}

/**
 * Return LaTeX that is a formula as the HTML that Sphinx makes for MathJax.
 *
 * @param {string} source
 */
export function latexHtml(source) {
  const text = source.trim();
  if (text.startsWith("$")) return formulaHtml(text.replace(/^\$+|\$+$/g, ""), true);
  return formulaHtml(text.replace(/^\\\[|\\\]$/g, ""), true);
}

/**
 * Return a formula as the HTML that Sphinx makes for MathJax.
 *
 * @param {string} text  without delimiters, but for environments
 * @param {boolean} display
 */
export function formulaHtml(text, display) {
  if (!display) return `<span class="math notranslate nohighlight">\\(${escaped(text)}\\)</span>`;
  return `<div class="math notranslate nohighlight">\n${displayed(text)}</div>\n`;
}

/** @param {string} text */
function displayed(text) {
  if (ENVIRONMENT.test(text)) return escaped(text);
  const parts = text
    .split("\n\n")
    .filter((part) => part.trim())
    .map((part) => (part.includes("\\\\") ? `\\begin{split}${escaped(part)}\\end{split}` : escaped(part)));
  const all = parts.join("\\\\");
  return `\\[${parts.length > 1 ? ` \\begin{align}\\begin{aligned}${all}\\end{aligned}\\end{align} ` : all}\\]`;
}

/** @param {string} text */
function escaped(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

/**
 * Typeset the formulas in an element by the page's MathJax, which is loaded if the page has none yet. Where the site has
 * another renderer, their source stays.
 *
 * @param {HTMLElement} element
 * @param {Page} page
 * @returns {Promise<{dispose(): void} | undefined>}
 */
export async function typeset(element, page) {
  const { math } = page.manifest;
  if (!math || !element.querySelector(".math")) return undefined;
  await load(math, page);
  const { MathJax } = globalThis;
  await MathJax?.startup?.promise;
  if (!MathJax?.typesetPromise) return undefined; // an old one
  const formulas = Array.from(element.querySelectorAll(".math"));
  await MathJax.typesetPromise(formulas);
  return { dispose: () => MathJax.typesetClear(formulas) };
}

/**
 * @param {{url: string, setup: string[]}} math
 * @param {Page} page
 */
async function load({ url, setup }, page) {
  if (!globalThis.MathJax) {
    for (const text of setup) document.head.append(Object.assign(document.createElement("script"), { text }));
  }
  await page.ensure({ js: [url] });
}
