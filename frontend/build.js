// Bundles each script of this directory, with the libraries that it imports, into the package: `npm run vendor`.
// What comes of it are classic scripts, because pages opened from disk load no modules.

import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const target = fileURLToPath(new URL("../sphinxext_liveviz/static/liveviz/vendor/", here));

const entryPoints = (await readdir(here))
  .filter((name) => name.endsWith(".js") && name !== "build.js")
  .map((name) => fileURLToPath(new URL(name, here)));

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
  loader: { ".svg": "dataurl", ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl", ".eot": "dataurl" },
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
