// Output widgets. What they hold is shown as the outputs of cells are.

/** @import {WidgetModel} from "@jupyter-widgets/base" */
/** @import {Manager} from "./manager.js" */

import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";

/**
 * Shows outputs in an element, and others in their place whenever it is told.
 *
 * @typedef {(
 *   model: WidgetModel, view: OutputView
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
