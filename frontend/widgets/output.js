// Widgets that show outputs, as those of cells are shown: Output, and Bokeh objects as widgets.

/** @import {WidgetModel, WidgetView} from "@jupyter-widgets/base" */
/** @import {Manager} from "./manager.js" */

import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";

/**
 * Shows outputs in an element, and others in their place whenever it is told.
 *
 * @typedef {(
 *   model: WidgetModel, view: WidgetView
 * ) => {update: (outputs: any[]) => void, dispose: () => void}} ShowOutputs
 */

export class OutputModel extends DOMWidgetModel {
  /** @override */
  defaults() {
    return {
      ...super.defaults(),
      _model_name: "OutputModel",
      _model_module: "@jupyter-widgets/output",
      _view_name: "OutputView",
      _view_module: "@jupyter-widgets/output",
      msg_id: "",
      outputs: [],
    };
  }
}

/** A Bokeh object as a widget: what is to be shown of it in a view, its Python tells when it is asked. */
export class BokehModel extends DOMWidgetModel {}

export class BokehView extends DOMWidgetView {
  /** @override */
  render() {
    super.render();
    this.el.classList.add("jupyter-widgets", "live-outputs");
    const manager = /** @type {Manager} */ (/** @type {unknown} */ (this.model.widget_manager));
    const shown = (this.shown = manager.showOutputs(this.model, this));
    if (!this.model.comm_live) return;
    this.listenTo(this.model, "msg:custom", ({ view, output }) => {
      if (view === this.cid) shown.update([output]);
    });
    this.send({ view: this.cid });
  }

  /** @override */
  remove() {
    this.shown?.dispose();
    return super.remove();
  }
}

export class OutputView extends DOMWidgetView {
  /** @override */
  render() {
    super.render();
    this.el.classList.add("jupyter-widgets", "widget-output", "live-outputs");
    const manager = /** @type {Manager} */ (/** @type {unknown} */ (this.model.widget_manager));
    this.shown = manager.showOutputs(this.model, this);
    this.listenTo(this.model, "change:outputs", () => this.shown?.update(this.model.get("outputs")));
    this.shown.update(this.model.get("outputs"));
  }

  /** @override */
  remove() {
    this.shown?.dispose();
    return super.remove();
  }
}
