// What live and static widgets have in common.

/** @import {DOMWidgetView, WidgetModel, WidgetView} from "@jupyter-widgets/base" */
/** @import {Disposable} from "../../sphinxext_liveviz/static/liveviz/live/protocol.js" */
/** @import {Area} from "../../sphinxext_liveviz/static/liveviz/live/mime.js" */
/** @import {ShowOutputs} from "./output.js" */

import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import createAnyWidget from "anywidget";
import * as output from "./output.js";

/** The front ends that there are, by the names of their modules. @type {Record<string, any>} */
const MODULES = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": output,
  "@bokeh/jupyter_bokeh": output,
  anywidget: createAnyWidget(base),
};

/** Makes models and views of widgets. */
export class Manager extends ManagerBase {
  /** The newest view that is shown. @type {DOMWidgetView | undefined} */
  #newest;
  /** @type {Set<Widget>} */
  #shown = new Set();

  /** @param {ShowOutputs} showOutputs  shows what is in an Output widget */
  constructor(showOutputs) {
    super();
    this.showOutputs = showOutputs;
    addEventListener("resize", () => {
      for (const widget of this.#shown) MessageLoop.postMessage(widget, Widget.ResizeMessage.UnknownSize);
    });
  }

  /**
   * @param {string} modelId
   * @param {HTMLElement} element
   * @returns {Promise<Disposable>}
   */
  async show(modelId, element) {
    const view = /** @type {DOMWidgetView} */ (await this.create_view(await this.get_model(modelId)));
    const widget = view.luminoWidget;
    element.classList.add("live-widgets");
    this.#newest = view;
    // Not Widget.attach, which takes elements in shadow trees for some that are not in the page.
    MessageLoop.sendMessage(widget, Widget.Msg.BeforeAttach);
    element.append(widget.node);
    MessageLoop.sendMessage(widget, Widget.Msg.AfterAttach);
    this.#shown.add(widget);
    return {
      dispose: () => {
        this.#shown.delete(widget);
        view.remove();
      },
    };
  }

  /**
   * Return the cell that shows a view, when it is live.
   *
   * @param {{el: Element}} view
   * @returns {Area | undefined}
   */
  areaOf({ el }) {
    const cell = el.closest(".live-cell");
    if (cell) return liveviz.areas.get(cell);
    const root = el.getRootNode();
    return root instanceof ShadowRoot ? this.areaOf({ el: root.host }) : undefined;
  }

  /**
   * Return the cell that hears of what a model does: one that shows it, or else the last that showed any.
   *
   * @param {string} modelId
   */
  async areaOfModel(modelId) {
    const { views = {} } = await this.get_model(modelId);
    for (const view of await Promise.all(Object.values(views))) {
      const area = this.areaOf(view);
      if (area) return area;
    }
    return this.#newest && this.areaOf(this.#newest);
  }

  /**
   * @override
   * @param {WidgetView} [view]
   * @returns {any}
   */
  callbacks(view) {
    return view ? { iopub: { output: (/** @type {any} */ message) => this.areaOf(view)?.handle(message) } } : {};
  }

  /**
   * @override
   * @param {string} className
   * @param {string} moduleName
   * @param {string} moduleVersion
   * @returns {Promise<typeof WidgetModel | typeof WidgetView>}
   */
  async loadClass(className, moduleName, moduleVersion) {
    const found = MODULES[moduleName]?.[className];
    if (!found) throw new Error(`this page has no front end for ${className} of ${moduleName} ${moduleVersion}`);
    return found;
  }

  /** @override */
  async _get_comm_info() {
    return {};
  }

  /**
   * @override
   * @param {string} _target
   * @param {string} [_modelId]
   * @param {any} [_data]
   * @param {any} [_metadata]
   * @param {any} [_buffers]
   * @returns {Promise<any>}
   */
  async _create_comm(_target, _modelId, _data, _metadata, _buffers) {
    throw new Error("there is no Python behind this widget");
  }
}
