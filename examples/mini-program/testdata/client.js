// outcome runs a call and returns how it ended.
const outcome = (call) => call.then(
  (data) => ({ data }),
  ({ code, status = 0, retryAfter, message, data = null }) => ({ code, status, retryAfter, message, data }));

// client waits long for answers: how fast the machine is does not matter here.
const client = (platform, path, more) => module.exports.createClient({ url: path, platform: platforms[platform], timeout: 600000, ...more });

// ask sends one query.
const ask = (platform, path, query, variables, more) => outcome(client(platform, path, more)(query, variables));

// insist sends many requests at once until one is refused, and returns that outcome.
async function insist(platform, path, query) {
  const api = client(platform, path);
  for (;;) {
    const answers = await Promise.all([...Array(40)].map(() => outcome(api(query))));
    const refused = answers.find((answer) => answer.code);
    if (refused) return refused;
  }
}

// cancelled aborts a running call and a waiting one, and returns how many were sent.
async function cancelled(platform, path) {
  const api = client(platform, path, { concurrency: 1 });
  const sent = platforms.meter.sent;
  const first = api("{ site { name } }");
  const second = api("{ site { name } }");
  const ends = [outcome(first), outcome(second)];
  second.abort();
  first.abort();
  first.abort();
  const codes = (await Promise.all(ends)).map((end) => end.code);
  return { codes, sent: platforms.meter.sent - sent };
}

// many sends many queries at once.
async function many(platform, path, query, count) {
  const api = client(platform, path);
  platforms.meter.peak = 0;
  const answers = await Promise.all([...Array(count)].map(() => outcome(api(query))));
  return { answered: answers.filter((answer) => answer.data).length, peak: platforms.meter.peak };
}
