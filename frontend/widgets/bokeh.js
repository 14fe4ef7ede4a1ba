// Widgets inside Bokeh's layouts: the BokehJS model of ipywidgets_bokeh.

import { currentManager } from "./live.js";
import { savedManager } from "./saved.js";

const PREFIX = "IPY_MODEL_";

/**
 * Let BokehJS know the model.
 *
 * @param {string} styles  URL of the style sheet, which shadow trees take for themselves
 */
export function registerBokehModel(styles) {
  const { LayoutDOM, LayoutDOMView } = Bokeh.require("models/layouts/layout_dom");

  class IPyWidgetView extends LayoutDOMView {
    get child_models() {
      return [];
    }

    render() {
      super.render();
      const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: styles });
      const element = document.createElement("div");
      this.shadow_el.append(sheet, element);
      void this.show(element)
        .catch((error) => {
          console.error("liveviz: a widget could not be shown", error);
          element.textContent = `This widget could not be shown: ${error instanceof Error ? error.message : error}`;
        })
        .then(() => {
          this.invalidate_layout();
          this.isShown = true;
          this.notify_finished();
        });
    }

    /** @param {HTMLElement} element */
    async show(element) {
      this.shown?.dispose();
      // BokehJS draws first, and then puts what it has drawn into the page.
      while (!element.isConnected && !this.isGone) await new Promise((resolve) => setTimeout(resolve));
      const id = this.model.bundle.slice(PREFIX.length);
      // The build has given them ids of its own.
      const manager = /^w\d+$/.test(id) ? await savedManager(element) : currentManager();
      this.shown = await manager.show(id, element);
    }

    has_finished() {
      return this.isShown === true && super.has_finished();
    }

    remove() {
      this.isGone = true;
      this.shown?.dispose();
      super.remove();
    }
  }

  class IPyWidget extends LayoutDOM {}
  IPyWidget.__name__ = "IPyWidget";
  IPyWidget.__module__ = "ipywidgets_bokeh.widget";
  IPyWidget.prototype.default_view = IPyWidgetView;
  IPyWidget.define((/** @type {any} */ { Any, Str }) => ({ bundle: [Any], cdn: [Str, ""] }));
  Bokeh.require("base").register_models([IPyWidget]);
}
