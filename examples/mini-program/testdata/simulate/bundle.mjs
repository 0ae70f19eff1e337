// Makes ../simulate.min.js out of npm's miniprogram-simulate, unchanged but for
// Less and the minifier of styles, which the tests have no use for; and the
// licences of what is in it.
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const empty = { name: "empty", setup(b) {
  b.onResolve({ filter: /^(less|csso|fs|url)$/ }, ({ path }) => ({ path, namespace: "empty" }));
  b.onLoad({ filter: /.*/, namespace: "empty" }, ({ path }) => ({
    contents: path === "csso" ? "module.exports = { minify: (css) => ({ css }) };" : "module.exports = {};",
  }));
} };

const result = await build({
  entryPoints: ["node_modules/miniprogram-simulate/index.js"],
  outfile: "../simulate.min.js",
  bundle: true, minify: true, format: "iife", globalName: "simulate", platform: "browser", legalComments: "none",
  define: { global: "window" }, alias: { path: "path-browserify" }, plugins: [empty], metafile: true,
});

const folders = new Set(Object.keys(result.metafile.inputs)
  .map((file) => file.replace("(disabled):", "").match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
const licences = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(folder + "/package.json"));
  const file = readdirSync(folder).find((f) => /^licen[sc]e/i.test(f));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, "utf8").trim() : "The package holds no licence file."}\n`;
});
writeFileSync("../simulate.LICENSES.txt", licences.join("\n" + "=".repeat(72) + "\n\n"));
