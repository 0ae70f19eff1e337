// The simulation knows the tag rich-text, not what it shows. This stands in for
// it, written from the component's documentation: an element that it does not
// trust goes away with everything inside it, attributes that it does not list
// are ignored, images come from the network only.
const anywhere = ["class", "style"];
const trusted = {};
("a abbr address article aside b bdi big blockquote br caption center cite code dd del div dl dt em fieldset font footer " +
  "h1 h2 h3 h4 h5 h6 header hr i ins label legend li mark nav p pre q rt ruby s section small span strong sub sup " +
  "tbody tfoot thead tt u ul").split(" ").forEach((name) => { trusted[name] = []; });
Object.assign(trusted, {
  bdo: ["dir"], col: ["span", "width"], colgroup: ["span", "width"], img: ["alt", "src", "height", "width"],
  ol: ["start", "type"], table: ["width"], td: ["colspan", "height", "rowspan", "width"],
  th: ["colspan", "height", "rowspan", "width"], tr: ["colspan", "height", "rowspan", "width"],
});

function decoded(text) {
  const area = document.createElement("textarea");
  area.innerHTML = text.replace(/</g, "&lt;");
  return area.value;
}

function show(nodes, into) {
  if (!Array.isArray(nodes)) return refuse("nodes are no array");
  nodes.forEach((node) => {
    if (node.type === "text") {
      if (typeof node.text !== "string") return refuse("a text that is no string");
      return into.appendChild(document.createTextNode(decoded(node.text)));
    }
    if (node.type !== undefined && node.type !== "node") return refuse("type " + node.type);
    const name = String(node.name).toLowerCase();
    if (!trusted[name]) return refuse("<" + name + ">");
    const element = document.createElement(name);
    Object.keys(node.attrs || {}).forEach((key) => {
      const value = node.attrs[key];
      if (trusted[name].concat(anywhere).indexOf(key) < 0) return refuse(name + " " + key);
      if (typeof value !== "string") return refuse(name + " " + key + " is no string");
      if (key === "src" && !/^https?:/.test(value)) return refuse("image " + value);
      element.setAttribute(key === "src" ? "data-src" : key, value);
      if (key === "src" && window.pictures) element.src = new URL(value).pathname;
    });
    into.appendChild(element);
    if (node.children) show(node.children, element);
  });
}

function refuse(what) { window.refused.push(what); }

Component({
  properties: {
    nodes: { type: null, value: [], observer: "draw" },
  },
  attached() { this.draw(); },
  methods: {
    draw() {
      const dom = this._exparserNode.$$;
      dom.textContent = "";
      show(this.data.nodes, dom);
    },
  },
});
