// Markdown, for live outputs: static ones are HTML already.

import { toHtml } from "./markdown/parser.js";

liveviz.markdown = toHtml;
