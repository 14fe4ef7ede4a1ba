// Vega and Vega-Lite charts.

/** @import {Drawer} from "../sphinxext_liveviz/static/liveviz/live/protocol.js" */

import embed from "vega-embed";

/** @type {Drawer} */
liveviz.drawers.vega = async ({ mime, data, metadata, element }) => {
  const mode = mime.includes("vegalite") ? "vega-lite" : "vega";
  const { finalize } = await embed(element, data, { mode, actions: false, ...metadata.embed_options });
  return { dispose: finalize };
};
