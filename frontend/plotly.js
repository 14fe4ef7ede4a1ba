// Plotly figures, drawn by the plotly.js that the installed package brings: it is no part of the bundle.

/** @import {Drawer} from "../sphinxext_liveviz/static/liveviz/live/protocol.js" */

const LIBRARY = "https://cdn.plot.ly/plotly.min.js";

/** @type {Drawer} */
liveviz.drawers.plotly = async ({ data: { data, layout = {}, frames = [], config = {} }, element }) => {
  const library = liveviz.localise(LIBRARY);
  if (library === LIBRARY) throw new Error("the site has no plotly.js; install plotly where it is built");
  await liveviz.ensure({ js: [library] });
  const { Plotly } = /** @type {any} */ (globalThis);
  element.classList.add("live-plotly");
  // Its logo leads out of the site.
  const options = { responsive: true, displaylogo: false, ...config };
  await Plotly.newPlot(element, { data, layout, frames, config: options });
  return { dispose: () => Plotly.purge(element) };
};
