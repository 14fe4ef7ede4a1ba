// Vega and Vega-Lite charts.

/** @import {Drawer} from "../sphinxext_liveviz/static/liveviz/live/protocol.js" */

import embed from "vega-embed";

/** @type {Drawer} */
liveviz.drawers.vega = async ({ mime, data, metadata, element }) => {
  const mode = mime.includes("vegalite") ? "vega-lite" : "vega";
  // Expressions are interpreted: a site may forbid to make code of text.
  const options = { mode, actions: false, ast: true, ...metadata.embed_options };
  const { finalize } = await embed(element, data, options);
  return { dispose: finalize };
};
