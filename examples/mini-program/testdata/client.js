// outcome runs a call and tells what came of it.
const outcome = (call) => call.then(
  (data) => ({ data }),
  ({ code, status = 0, retryAfter, message, data = null }) => ({ code, status, retryAfter, message, data }));

const client = (platform, path, more) => module.exports.createClient({ url: path, platform: platforms[platform], ...more });

// ask sends one question.
const ask = (platform, path, query, variables, more) => outcome(client(platform, path, more)(query, variables));

// insist asks until the server has had enough.
async function insist(platform, path, query) {
  const api = client(platform, path);
  for (;;) {
    const answer = await outcome(api(query));
    if (answer.code) return answer;
  }
}

// cancelled ends a call that is under way and one that waits, and tells how many were sent.
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

// many asks a lot at once.
async function many(platform, path, query, count) {
  const api = client(platform, path);
  platforms.meter.peak = 0;
  const answers = await Promise.all([...Array(count)].map(() => outcome(api(query))));
  return { answered: answers.filter((answer) => answer.data).length, peak: platforms.meter.peak };
}
