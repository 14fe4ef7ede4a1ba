// What the browser side finds on the global object, for the type checker.

import type { Page } from "../../sphinxext_liveviz/static/liveviz/live/protocol.js";

declare global {
  /** Made by liveviz.js. */
  var liveviz: Page;
  /** BokehJS, where the page has it. */
  var Bokeh: any;
  /** MathJax, where the page has it. */
  var MathJax: any;
}
