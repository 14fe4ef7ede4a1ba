// What render/ansi.py does to static outputs: terminal output in its colours.

/**
 * How a terminal writes: names of colours, or #rrggbb; `switches` are bold, italic and so on.
 *
 * @typedef {{foreground: string, background: string, switches: readonly string[]}} Style
 */
/** @typedef {[text: string, style: Style]} Run */

/** @type {Style} */
export const PLAIN = { foreground: "", background: "", switches: [] };

const SEQUENCE = new RegExp(
  "\x1b(?:" +
    "\\[([0-?]*)[ -/]*([@-~])" + // colours, cursor movements
    "|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)" + // titles, links
    "|[@-Z\\\\-_])",
  "g",
);
/** The beginning of a sequence, whose end is to come. */
const UNFINISHED = new RegExp("\x1b(?:\\[[0-?]*[ -/]*|\\][^\x07\x1b]*\x1b?)?$");
const CONTROLS = new RegExp("[\x00-\x08\x0b-\x1f\x7f]", "g");

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const LEVELS = [0, 95, 135, 175, 215, 255];
/** @type {Record<number, string>} */
const SWITCHES = {
  1: "bold",
  2: "faint",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
  21: "underline",
};
/** @type {Record<number, string[]>} */
const OFF = { 22: ["bold", "faint"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] };

/** What is written to a terminal, of which more may come. */
export class Terminal {
  /** The last line as it was written: a return in it, or half a sequence, may not have acted yet. */
  #open = "";
  /** The style at its beginning. */
  #style = PLAIN;

  /**
   * @param {string} text
   * @returns {{finished: Run[], line: Run[]}} what is new of lines that have ended, and the last one as it is now
   */
  write(text) {
    const all = this.#open + text;
    const cut = all.lastIndexOf("\n") + 1;
    const [finished, style] = runs(all.slice(0, cut), this.#style);
    this.#open = all.slice(cut);
    this.#style = style;
    return { finished, line: runs(this.#open.replace(UNFINISHED, ""), style)[0] };
  }
}

/**
 * Return what a terminal would show, in pieces of one style each, and the style at the end.
 *
 * @param {string} text
 * @param {Style} [style]
 * @returns {[runs: Run[], style: Style]}
 */
export function runs(text, style = PLAIN) {
  /** @type {Run[]} */
  const done = [];
  /** @type {Run[]} */
  let line = [];
  let position = 0;
  const take = (/** @type {string} */ piece) => {
    for (const [number, part] of piece.split("\n").entries()) {
      if (number) {
        done.push(...lastState(line), ["\n", style]);
        line = [];
      }
      line.push([part, style]);
    }
  };
  for (const match of text.matchAll(SEQUENCE)) {
    take(text.slice(position, match.index));
    position = match.index + match[0].length;
    if (match[2] === "m") style = after(style, match[1]);
  }
  take(text.slice(position));
  done.push(...lastState(line));
  return [joined(done.map(([text, style]) => [text.replace(CONTROLS, ""), style])), style];
}

/**
 * Return what is left of a line: what came after its last carriage return.
 *
 * @param {Run[]} line
 * @returns {Run[]}
 */
function lastState(line) {
  const text = line.map(([text]) => text).join("");
  let end = text.length;
  while (text[end - 1] === "\r") end -= 1;
  const begin = text.slice(0, end).lastIndexOf("\r") + 1;
  let position = 0;
  return line.map(([part, style]) => {
    const kept = part.slice(Math.max(begin - position, 0), Math.max(end - position, 0));
    position += part.length;
    return [kept, style];
  });
}

/**
 * @param {Style} style
 * @param {string} parameters  of a sequence that ends in m
 * @returns {Style} the style that it leads to
 */
function after(style, parameters) {
  const parts = parameters.split(";").map((part) => part.split(":").map(number));
  while (parts.length) {
    const [first, ...details] = parts.shift() ?? [0];
    const code = first === 4 && details[0] === 0 ? 24 : first;
    // In the form with colons, a colour space may stand before the levels.
    const told = details.length ? [details[0], ...details.slice(1).slice(-3)].map((one) => [one]) : parts;
    const { switches } = style;
    if (code === 0) style = PLAIN;
    else if (code in SWITCHES) style = { ...style, switches: [...new Set([...switches, SWITCHES[code]])].sort() };
    else if (code in OFF) style = { ...style, switches: switches.filter((one) => !OFF[code].includes(one)) };
    else if (code === 38) style = { ...style, foreground: extended(told) };
    else if (code === 48) style = { ...style, background: extended(told) };
    else if (code === 39) style = { ...style, foreground: "" };
    else if (code === 49) style = { ...style, background: "" };
    else if (code >= 30 && code <= 37) style = { ...style, foreground: NAMES[code - 30] };
    else if (code >= 40 && code <= 47) style = { ...style, background: NAMES[code - 40] };
    else if (code >= 90 && code <= 97) style = { ...style, foreground: `bright-${NAMES[code - 90]}` };
    else if (code >= 100 && code <= 107) style = { ...style, background: `bright-${NAMES[code - 100]}` };
  }
  return style;
}

/** @param {string} code */
function number(code) {
  return /^\d+$/.test(code) ? Number(code.slice(0, 4)) : 0;
}

/**
 * Take one of 256 colours, or of all, from the parts that follow 38 or 48.
 *
 * @param {number[][]} parts
 */
function extended(parts) {
  const [kind] = parts.shift() ?? [0];
  const levels = parts.splice(0, kind === 2 ? 3 : kind === 5 ? 1 : 0).map(([level]) => Math.min(level, 255));
  if (kind === 5 && levels.length) {
    const [number] = levels;
    if (number < 16) return `${number > 7 ? "bright-" : ""}${NAMES[number % 8]}`;
    if (number > 231) return hexadecimal(Array(3).fill(8 + 10 * (number - 232)));
    const place = number - 16;
    return hexadecimal([Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((index) => LEVELS[index]));
  }
  if (kind === 2 && levels.length === 3) return hexadecimal(levels);
  parts.length = 0; // who can tell what they were to mean
  return "";
}

/** @param {number[]} levels */
function hexadecimal(levels) {
  return `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {Run[]} pieces
 * @returns {Run[]}
 */
function joined(pieces) {
  /** @type {Run[]} */
  const result = [];
  for (const [text, style] of pieces) {
    const last = result.at(-1);
    if (!text) continue;
    if (last && isSame(last[1], style)) last[0] += text;
    else result.push([text, style]);
  }
  return result;
}

/**
 * @param {Style} one
 * @param {Style} other
 */
function isSame(one, other) {
  return (
    one === other ||
    (one.foreground === other.foreground &&
      one.background === other.background &&
      one.switches.join() === other.switches.join())
  );
}

/**
 * Return the classes and the custom properties of a style's element; there are none for the plain one.
 *
 * @param {Style} style
 * @returns {{classes: string[], properties: Record<string, string>}}
 */
export function attributes({ foreground, background, switches }) {
  if (switches.includes("inverse") && (foreground || background)) {
    [foreground, background] = [background, foreground];
    switches = switches.filter((one) => one !== "inverse");
  }
  /** @type {string[]} */
  const classes = [];
  /** @type {Record<string, string>} */
  const properties = {};
  for (const [kind, colour] of Object.entries({ fg: foreground, bg: background })) {
    if (!colour) continue;
    classes.push(`ansi-${kind}`);
    if (colour.startsWith("#")) properties[`--ansi-${kind}`] = colour;
    else classes.push(`ansi-${colour}-${kind}`);
  }
  return { classes: [...classes, ...switches.map((one) => `ansi-${one}`)], properties };
}

/**
 * Return the text of runs.
 *
 * @param {Run[]} pieces
 */
export function plain(pieces) {
  return pieces.map(([text]) => text).join("");
}

/**
 * Return runs as the content of a `<pre>`.
 *
 * @param {Run[]} pieces
 */
export function nodesOf(pieces) {
  const fragment = document.createDocumentFragment();
  for (const [text, style] of pieces) {
    const { classes, properties } = attributes(style);
    if (!classes.length) {
      fragment.append(text);
      continue;
    }
    const span = document.createElement("span");
    span.className = classes.join(" ");
    for (const [name, value] of Object.entries(properties)) span.style.setProperty(name, value);
    span.textContent = text;
    fragment.append(span);
  }
  return fragment;
}
