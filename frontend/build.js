// Bundles each script of this directory, with the libraries that it imports, into the package; bundle.py runs it.
// What comes of it are classic scripts, because pages opened from disk load no modules.

import { readdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const target = fileURLToPath(new URL("../sphinxext_liveviz/static/liveviz/vendor/", here));

const entryPoints = (await readdir(here))
  .filter((name) => name.endsWith(".js") && name !== "build.js")
  .map((name) => fileURLToPath(new URL(name, here)));

/**
 * Files of others that do not fit as they are: what is looked for in their text, which must be there, and what comes in
 * its place.
 *
 * @type {[file: RegExp, loader: "js" | "css", part: RegExp, replacement: string][]}
 */
const CHANGES = [
  // An AMD module, as it is the only one.
  [/anywidget\/dist\/index\.js$/, "js", /^define\(\["@jupyter-widgets\/base"\], (\w+)\);$/m, "export default $1;"],
  // Properties that are made of others, which the page does not have at its root.
  [/controls\/css\/widgets-base\.css$/, "css", /:root/g, ".live-widgets"],
  // Icons of widgets alone.
  [/fontawesome-free\/css\/fontawesome\.css$/, "css", /^\.(?=fa|sr-only)/gm, ".jupyter-widgets ."],
];

/** @type {import("esbuild").Plugin} */
const changes = {
  name: "changes",
  setup({ onLoad }) {
    for (const [filter, loader, part, replacement] of CHANGES) {
      onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (text.search(part) < 0) throw new Error(`nothing in ${path} is like ${part}`);
        return { contents: text.replace(part, replacement), loader };
      });
    }
  },
};

await rm(target, { recursive: true, force: true });
await build({
  entryPoints,
  outdir: target,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  alias: { "sanitize-html": fileURLToPath(new URL("widgets/sanitize.js", here)) },
  plugins: [changes],
  assetNames: "[name]-[hash]",
  loader: { ".svg": "dataurl", ".woff": "dataurl", ".woff2": "file", ".ttf": "dataurl", ".eot": "dataurl" },
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
