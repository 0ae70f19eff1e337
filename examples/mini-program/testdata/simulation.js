// The mini-program in WeChat's own simulation (miniprogram-simulate): pages and
// components are compiled and rendered by it, this file gives it what the phone
// would: files, wx, and the constructor of pages.

window.refused = []; // what rich-text would not show
window.calls = [];   // what the program asked of wx, but for requests
window.largest = 0;  // the most that one setData handed over, in bytes

// A page is a component with the page's methods; that is how the engine has it, too.
window.App = () => {};
window.Page = (definition) => {
  const methods = {};
  Object.keys(definition).forEach((key) => {
    if (typeof definition[key] === "function") methods[key] = definition[key];
  });
  Component({ data: definition.data, methods, created() { weigh(this); } });
};

// weigh looks at the size of everything that goes through setData.
function weigh(page) {
  const set = page.setData;
  page.setData = function (change, done) {
    window.largest = Math.max(window.largest, new Blob([JSON.stringify(change)]).size);
    return set.call(this, change, done);
  };
}

const stored = {};
const note = (name) => (options) => { window.calls.push({ name, options }); };
Object.assign(window.wx, {
  request(options) {
    const controller = new AbortController();
    fetch(options.url, { method: options.method, headers: options.header, body: options.data, signal: controller.signal })
      .then(async (res) => options.success({ statusCode: res.status, header: {}, data: JSON.parse(await res.text()), errMsg: "request:ok" }))
      .catch((error) => options.fail({ errno: 600000, errMsg: "request:fail " + error.message }));
    return { abort: () => controller.abort() };
  },
  getStorageSync: (key) => (key in stored ? stored[key] : ""),
  setStorageSync: (key, value) => { stored[key] = value; },
});
["navigateTo", "redirectTo", "setNavigationBarTitle", "previewImage", "setClipboardData", "stopPullDownRefresh"]
  .forEach((name) => { window.wx[name] = note(name); });

// load takes the program's files: { path: text }.
async function load() {
  const files = await (await fetch("/files.json")).json();
  window.__FILE_MAP__ = {};
  Object.keys(files).forEach((path) => {
    window.__FILE_MAP__[path] = files[path];
    if (path.endsWith(".js")) window.__FILE_MAP__[path + ".js"] = files[path]; // required with its ending
  });
  const style = document.createElement("style");
  style.textContent = files["app.wxss"].replace("page {", "body {");
  document.head.appendChild(style);
}

// A picture is a box to the simulation; picture fills those of the page.
async function picture() {
  for (const box of document.querySelectorAll("wx-image")) {
    const image = box.appendChild(new Image());
    image.src = new URL(box.__wxElement._vt.attrs.find(({ name }) => name === "src").value, location.href).pathname;
    image.style = "width:100%;height:100%;object-fit:cover";
  }
  await Promise.all([...document.images].map((image) => image.decode()));
}

const compiled = {};
let shown;

// open shows a page with its options, as wx.navigateTo would, and waits until it has loaded.
async function open(path, options) {
  if (shown) shown.detach();
  document.body.textContent = "";
  compiled[path] = compiled[path] || simulate.load(path, { compiler: "simulate", rootPath: "", usingComponents: { "rich-text": "/rich-text/rich-text" } });
  shown = simulate.render(compiled[path]);
  shown.attach(document.body);
  await shown.instance.onLoad(options);
  return shown;
}

// within is the elements with a class of the page or of one of its components.
const within = (name) => [...document.querySelectorAll(`[class*="--${name}"]`)]
  .filter((e) => [...e.classList].some((c) => c.endsWith("--" + name)));

// article opens one and tells what its body shows.
async function article(id) {
  window.refused = [];
  window.largest = 0;
  await open("pages/article/article", { id });
  const body = within("body")[0];
  if (!body) return { error: document.body.innerText };
  return { text: body.textContent, outline: outline(body), refused: window.refused, largest: window.largest,
    thumbs: within("thumb").length, title: within("title")[0].textContent };
}

// outline lists the elements that make the structure, in order.
const outline = (body) => [...body.querySelectorAll("h2,h3,h4,li,blockquote,table,caption,tr,td,th,img,pre,hr")].map((e) => {
  const name = e.tagName.toLowerCase();
  return name + (e.colSpan > 1 ? " colspan " + e.colSpan : "") + (e.rowSpan > 1 ? " rowspan " + e.rowSpan : "");
});

// tap touches the first visible element with the class whose text holds the words.
function tap(name, words = "") {
  const target = within(name).find((e) => e.textContent.includes(words));
  const touch = new Touch({ identifier: 1, target, pageX: 1, pageY: 1 });
  const event = (type, touches) => new TouchEvent(type, { bubbles: true, cancelable: true, touches, changedTouches: [touch] });
  target.dispatchEvent(event("touchstart", [touch]));
  target.dispatchEvent(event("touchend", []));
}

// enter is what an input, a textarea or a picker of the page tells.
function enter(name, value, event = "input") {
  shown.querySelector("." + name).dispatchEvent(event, { detail: { value } });
}

// offline makes the next requests fail.
function offline(count) {
  const request = window.wx.request;
  window.wx.request = (options) => {
    if (count-- > 0) return setTimeout(options.fail, 0, { errMsg: "request:fail" });
    return request(options);
  };
}

// named finds the id of the article with the slug.
async function named(slug) {
  const query = `query($slug: String) { article(slug: $slug) { id } }`;
  const res = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query, variables: { slug } }) });
  return (await res.json()).data.article.id;
}
