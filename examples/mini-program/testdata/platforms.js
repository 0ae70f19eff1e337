// The four platforms' request functions as their documentation describes them,
// over fetch. Each counts the running requests and refuses more than ten, as phones do.
const platforms = (() => {
  const most = 10;
  const meter = { now: 0, peak: 0, sent: 0 };

  // exchange sends a request and resolves to how it ended: { status, text } or { failed }.
  function exchange({ url, method, data, timeout }, headers, honoursTimeout) {
    const controller = new AbortController();
    let why = "";
    const stop = (reason) => { why = why || reason; controller.abort(); };
    if (meter.now >= most) return { done: Promise.resolve({ failed: "exceed max concurrent requests" }), stop };
    meter.now++;
    meter.sent++;
    meter.peak = Math.max(meter.peak, meter.now);
    const timer = honoursTimeout && setTimeout(stop, timeout, "timeout");
    const done = fetch(url, { method, headers, body: typeof data === "string" ? data : JSON.stringify(data), signal: controller.signal })
      .then(async (res) => ({ status: res.status, text: await res.text() }))
      .catch(() => ({ failed: why || "connection refused" }))
      .finally(() => { clearTimeout(timer); meter.now--; });
    return { done, stop };
  }

  const parsed = (text) => { try { return JSON.parse(text); } catch { return text; } };

  // wx and uni: success with any status; a body that is not JSON stays a string.
  const wechat = (options) => {
    const { done, stop } = exchange(options, options.header, true);
    done.then(({ status, text, failed }) => {
      if (failed) options.fail({ errno: 5, errMsg: "request:fail " + failed });
      else options.success({ statusCode: status, header: {}, data: parsed(text), errMsg: "request:ok" });
    });
    return { abort: () => stop("abort"), onHeadersReceived() {}, offHeadersReceived() {} };
  };

  // Taro: the callbacks, and a promise with abort that ends likewise.
  const taro = (options) => {
    let task;
    const promise = new Promise((resolve, reject) => {
      task = wechat({ ...options,
        success: (res) => { options.success(res); resolve(res); },
        fail: (res) => { options.fail(res); reject(res); } });
    });
    promise.abort = task.abort;
    return promise;
  };

  // my: headers and status by other names, errors by number, and every status
  // but 2xx is a failure. A time limit of the caller's own is what ends it here.
  const alipay = (options) => {
    const { done, stop } = exchange(options, options.headers, false);
    done.then(({ status, text, failed }) => {
      const data = parsed(text);
      if (failed) options.fail({ error: failed === "abort" ? 9 : 12, errorMessage: failed });
      else if (status < 200 || status > 299) options.fail({ error: 19, errorMessage: "http status error", status, data, headers: {} });
      else if (options.dataType === "json" && typeof data === "string") options.fail({ error: 14, errorMessage: "JSON parse data error" });
      else options.success({ status, headers: {}, data });
    });
    return { abort: () => stop("abort") };
  };

  return { meter, wx: { request: wechat }, uni: { request: (o) => wechat({ ...o }) }, Taro: { request: taro }, my: { request: alipay } };
})();
