// Jupyter widgets: ipywidgets and anywidget. Static ones from the state that the build has saved, live ones from the
// comms of Python.

/** @import {Drawer} from "../sphinxext_liveviz/static/liveviz/live/protocol.js" */

import "@lumino/widgets/style/index.css";
import "@jupyter-widgets/controls/css/widgets-base.css";
import "./widgets/icons.css";
import "./widgets/theme.css";
import { registerBokehModel } from "./widgets/bokeh.js";
import { liveManager, openModel } from "./widgets/live.js";
import { savedManager } from "./widgets/saved.js";

const styles = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/\.js(?=$|\?)/, ".css");

/** @type {Drawer} */
liveviz.drawers.widgets = async ({ data, element, context }) => {
  const [manager] = await Promise.all([
    context ? liveManager(context.kernel) : savedManager(element),
    liveviz.ensure({ css: [styles] }),
  ]);
  return manager.show(data.model_id, element);
};

/** @type {unknown} */
let knowing;

// BokehJS may come before this script or after it.
liveviz.registerBokehModels = () => {
  if (!globalThis.Bokeh || knowing === globalThis.Bokeh) return;
  knowing = globalThis.Bokeh;
  registerBokehModel(styles);
};
liveviz.registerBokehModels();

liveviz.commTargets["jupyter.widget"] = openModel;
