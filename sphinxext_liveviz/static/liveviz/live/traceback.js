// Tracebacks with the classes of Pygments, as in the static output: every theme has colours for them.

/** Kinds of lines, and the class of each part that has one. */
const LINES = [
  { pattern: /^(Traceback \(most recent.*|During handling of.*|The above exception.*)$/, classes: ["gt"] },
  { pattern: /^(\s+File )(".*")(, line )(\d+)(, in )?(.*)$/, classes: ["", "nb", "", "m", "", "n"] },
  { pattern: /^(\s+)([~^][~^ ]*)$/, classes: ["", "pm"] },
  { pattern: /^([\p{ID_Start}_][\p{ID_Continue}.]*)(: )(.*)$/u, classes: ["gr", "", "n"] },
  { pattern: /^([\p{ID_Start}_][\p{ID_Continue}.]*)$/u, classes: ["gr"] },
];

/**
 * Return a traceback, in colour where the theme has colours.
 *
 * @param {string} text
 */
export function highlighted(text) {
  const fragment = document.createDocumentFragment();
  for (const [index, line] of text.split("\n").entries()) {
    if (index) fragment.append("\n");
    for (const [part, className] of parts(line)) fragment.append(className ? span(part, className) : part);
  }
  return fragment;
}

/**
 * Split a line of a traceback.
 *
 * @param {string} line
 * @returns {[part: string, className: string][]}
 */
export function parts(line) {
  for (const { pattern, classes } of LINES) {
    const match = pattern.exec(line);
    if (match) return classes.map((className, index) => [match[index + 1] ?? "", className]);
  }
  return [[line, ""]];
}

/**
 * @param {string} text
 * @param {string} className
 */
function span(text, className) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
