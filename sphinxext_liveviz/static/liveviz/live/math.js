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

/** Milliseconds that an output waits for its formulas. MathJax may come from far away, and everything else is there. */
const PATIENCE = 3000;

/**
 * Typeset the formulas in an element by the page's MathJax, which is loaded if the page has none yet. Where the site has
 * another renderer, or MathJax cannot be had, their source stays.
 *
 * @param {HTMLElement} element
 * @param {Page} page
 * @returns {Promise<{dispose(): void} | undefined>} fulfilled when they are typeset, or that takes too long
 */
export async function typeset(element, page) {
  const { math } = page.manifest;
  const formulas = Array.from(element.querySelectorAll(".math"));
  if (!math || !formulas.length) return undefined;
  const done = typesetAll(formulas, math, page).catch((error) => {
    console.error("liveviz: formulas could not be typeset", error);
  });
  await Promise.race([done, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  return { dispose: () => void done.then(() => globalThis.MathJax?.typesetClear?.(formulas)) };
}

/**
 * @param {Element[]} formulas
 * @param {{url: string, setup: string[]}} math
 * @param {Page} page
 */
async function typesetAll(formulas, math, page) {
  await load(math, page);
  await globalThis.MathJax?.startup?.promise;
  await globalThis.MathJax?.typesetPromise?.(formulas); // which old ones have not
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
