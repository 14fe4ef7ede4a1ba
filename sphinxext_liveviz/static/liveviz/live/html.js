/**
 * Put HTML into an element and run its scripts, which a browser does not do by itself for parsed fragments.
 *
 * @param {string} source
 * @param {HTMLElement} element  in the document
 * @returns {Promise<void>} fulfilled when the scripts have run; rejected when one could not be loaded
 */
export async function insertHtml(source, element) {
  element.innerHTML = source;
  for (const inert of element.querySelectorAll("script")) {
    if (inert.noModule) continue; // never runs, and never says so
    if (inert.type && !/^(module|(text|application)\/(x-)?(java|ecma)script)$/i.test(inert.type)) continue;
    const running = document.createElement("script");
    for (const { name, value } of inert.attributes) running.setAttribute(name, value);
    running.text = inert.text;
    // One after another, as a parser would: inline code counts on the library above it.
    await (running.src ? loaded(inert, running) : inert.replaceWith(running));
  }
}

/**
 * @param {HTMLScriptElement} inert
 * @param {HTMLScriptElement} running
 * @returns {Promise<void>}
 */
function loaded(inert, running) {
  return new Promise((resolve, reject) => {
    running.addEventListener("load", () => resolve());
    running.addEventListener("error", () => reject(new Error(`${running.src} could not be loaded`)));
    inert.replaceWith(running);
  });
}
