// Starts GraphiQL on the page, with the endpoint and the initial query that the
// server wrote into it. Queries and mutations use POST, subscriptions server-sent
// events, so that no WebSocket is needed.
"use strict";

const explorer = document.getElementById("explorer");
const { endpoint, query } = explorer.dataset;
const ask = GraphiQL.createFetcher({ url: endpoint });

function isSubscription(document, name) {
  const operations = document.definitions.filter((d) => d.kind === "OperationDefinition");
  const chosen = operations.find((o) => o.name?.value === name) ?? operations[0];
  return chosen?.operation === "subscription";
}

// events reads a stream of server-sent events and yields the data of each
// "next". A block without data is a heartbeat.
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      if (lines.some((line) => /^event: ?complete$/.test(line))) return;
      const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
      if (data.join("").trim() !== "") yield JSON.parse(data.join("\n"));
    }
  }
}

// subscribe yields the results of a subscription until it completes or until the
// user stops it, which aborts the request.
function subscribe(params, headers) {
  const stop = new AbortController();
  async function* results() {
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers, accept: "text/event-stream" },
        body: JSON.stringify(params),
        signal: stop.signal,
      });
      const type = response.headers.get("content-type") ?? "";
      if (type.startsWith("text/event-stream")) yield* events(response.body);
      else yield await response.json();
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
  const source = results();
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => source.next(),
    return: () => { stop.abort(); return source.return(); },
  };
}

function fetcher(params, options) {
  const document = options?.documentAST;
  if (document && isSubscription(document, params.operationName)) {
    return subscribe(params, options.headers);
  }
  return ask(params, options);
}

// storage saves tabs and history in the browser without their headers, so that a
// token pasted into the headers editor does not outlive the page. GraphiQL's own
// setting covers the tabs but not the history.
const storage = {
  get length() { return localStorage.length; },
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  setItem(key, value) {
    const isHistory = key === "graphiql:queries" || key === "graphiql:favorites";
    localStorage.setItem(key, isHistory ? withoutHeaders(value) : value);
  },
};

function withoutHeaders(json) {
  return JSON.stringify(JSON.parse(json), (name, value) => (name === "headers" ? undefined : value));
}

ReactDOM.createRoot(explorer).render(
  React.createElement(GraphiQL, {
    fetcher,
    storage,
    defaultQuery: query,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "headers",
  }),
);
