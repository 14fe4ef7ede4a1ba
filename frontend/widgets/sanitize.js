// Stands in for sanitize-html, which the widgets' manager would bring with a parser and a compiler of style sheets:
// a browser has a parser.

import DOMPurify from "dompurify";

/**
 * @param {string} html
 * @param {{allowedTags: string[], allowedAttributes: Record<string, string[]>}} allowed
 */
export default function sanitize(html, { allowedTags, allowedAttributes }) {
  const attributes = Object.values(allowedAttributes).flat();
  return DOMPurify.sanitize(html, { ALLOWED_TAGS: allowedTags, ALLOWED_ATTR: attributes, ALLOW_DATA_ATTR: false });
}
