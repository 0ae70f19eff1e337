// Receives webhooks of a running program with npm's standardwebhooks: every
// delivery must be accepted, before, during and after a rotation of the secret.
// Usage: node interop.mjs GRAPHQL-ADDRESS INTEGRATOR-TOKEN EDITOR-TOKEN
import { createServer } from "node:http";
import { once } from "node:events";
import { Webhook } from "standardwebhooks";

const [address, integrator, editor] = process.argv.slice(2);
const events = [];
let waiting = () => {};

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    events.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(204).end();
    waiting();
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

async function ask(token, query, variables) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  }).then((r) => r.json());
  const problems = [...(answer.errors ?? []), ...Object.values(answer.data ?? {}).flatMap((p) => p.userErrors ?? [])];
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return Object.values(answer.data)[0];
}

// change makes a change and waits for the event that tells of it.
async function change(name, slug) {
  const next = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no event for ${slug} within 10 s`)), 10_000);
    waiting = () => { clearTimeout(late); resolve(events.at(-1)); };
  });
  await ask(editor, "mutation ($in: CreateRegionInput!) { createRegion(input: $in) { userErrors { message } } }", { in: { name, slug } });
  return next;
}

function accepts(secret, event) {
  try {
    return new Webhook(secret).verify(event.body, event.headers);
  } catch (error) {
    return undefined;
  }
}

function expect(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`ok: ${what}`);
}

const url = `http://127.0.0.1:${server.address().port}/hook`;
const made = await ask(integrator, "mutation ($in: CreateWebhookInput!) { createWebhook(input: $in) { webhook { id } secret userErrors { message } } }", { in: { url } });
const first = await change("临澜市", "linlan");
const told = accepts(made.secret, first);
expect(told?.type === "region.created" && told.data.item.name === "临澜市", "standardwebhooks accepts a delivery and reads it");
expect(!accepts(made.secret, { ...first, body: first.body.replace("临澜市", "别处") }), "it refuses a body that was changed");

const input = { in: { webhook: made.webhook.id, overlapHours: 1 } };
const rotated = await ask(integrator, "mutation ($in: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $in) { secret userErrors { message } } }", input);
const second = await change("青禾镇", "qinghe");
expect(accepts(made.secret, second) && accepts(rotated.secret, second), "while secrets overlap, it accepts both");

input.in.overlapHours = 0;
const last = await ask(integrator, "mutation ($in: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $in) { secret userErrors { message } } }", input);
const third = await change("望溪县", "wangxi");
expect(accepts(last.secret, third) && !accepts(rotated.secret, third) && !accepts(made.secret, third), "without overlap, it accepts the new one only");
expect(new Set(events.map((e) => e.headers["webhook-id"])).size === 3, "each event has an id of its own");
server.close();
server.closeAllConnections();
