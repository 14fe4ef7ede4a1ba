// What the package exports once build.js has made a module of it.

import type * as base from "@jupyter-widgets/base";

export default function create(
  library: typeof base,
): { AnyModel: typeof base.DOMWidgetModel; AnyView: typeof base.DOMWidgetView };
