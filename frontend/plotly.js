// Plotly figures, drawn by the plotly.js that the installed package brings: it is no part of the bundle.

/** @import {Drawer} from "../sphinxext_liveviz/static/liveviz/live/protocol.js" */

const LIBRARY = "https://cdn.plot.ly/plotly.min.js";

/** @type {Promise<any> | undefined} */
let loaded;

/** Load plotly.js beside the one that Panel may have brought: each goes on with its own. */
const load = async () => {
  const library = liveviz.localise(LIBRARY);
  if (library === LIBRARY) throw new Error("the site has no plotly.js; install plotly where it is built");
  const page = /** @type {any} */ (globalThis);
  const other = page.Plotly;
  await liveviz.ensure({ js: [library] });
  const own = page.Plotly;
  if (other) page.Plotly = other;
  return own;
};

/** @type {Drawer} */
liveviz.drawers.plotly = async ({ data: { data, layout = {}, frames = [], config = {} }, element }) => {
  loaded ??= load().catch((error) => {
    loaded = undefined;
    throw error;
  });
  const Plotly = await loaded;
  element.classList.add("live-plotly");
  // Its logo leads out of the site.
  const options = { responsive: true, displaylogo: false, ...config };
  await Plotly.newPlot(element, { data, layout, frames, config: options });
  return { dispose: () => Plotly.purge(element) };
};
