// Compiles every template and style sheet of the mini-program with WeChat's own
// compiler, as the developer tools do, and asks each template for its tree.
import { createRequire } from "node:module";
import { readdirSync } from "node:fs";

const { wxmlToJs, wxssToJs } = createRequire(import.meta.url)("miniprogram-compiler");
const root = new URL("../..", import.meta.url).pathname;
const files = readdirSync(root, { recursive: true }).filter((path) => !path.startsWith("testdata"));
const templates = files.filter((path) => path.endsWith(".wxml"));
globalThis.window = { __webview_engine_version__: 0.02 };
const template = new Function(wxmlToJs(root))();
for (const path of templates) {
  const tree = template(path)({});
  if (tree.tag !== "wx-page" && tree.tag !== "shadow") throw new Error(`${path}: ${JSON.stringify(tree).slice(0, 200)}`);
}
const styles = files.filter((path) => path.endsWith(".wxss"));
if (!wxssToJs(root)) throw new Error("no styles");
console.log(`compiled ${templates.length} templates and ${styles.length} style sheets`);
if (templates.length < 7) throw new Error("templates are missing");
