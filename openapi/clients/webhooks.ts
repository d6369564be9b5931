import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { components, paths } from "./crm.js";

const { CRM_URL, CRM_KEY, PORT = "9480" } = process.env;
const client = createClient<paths>({
  baseUrl: CRM_URL ?? "",
  headers: { Authorization: `Bearer ${CRM_KEY}` },
});

type Event = components["schemas"]["EventRead"];

/** The data of an answer. */
async function done<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  assert(data !== undefined, JSON.stringify(error));
  return data;
}

const endpoint = await done(
  client.POST("/v1/webhook-endpoints", {
    body: { url: `http://127.0.0.1:${PORT}/crm`, event_types: ["customer.*"] },
  }),
);
let secret = endpoint.secret;
const place = { path: { id: endpoint.id } };

let down = false;

async function receive(request: IncomingMessage, response: ServerResponse) {
  const body = await buffer(request);
  if (down) return response.writeHead(503).end();
  try {
    take(new Webhook(secret).verify(body, request.headers as Record<string, string>) as Event);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}

const seen = new Set<string>();
const latest = new Map<string, Event>();

function take(event: Event) {
  if (seen.has(event.id)) return;
  seen.add(event.id);
  const known = latest.get(event.object_id)?.object_version ?? 0;
  if (event.object_version > known) latest.set(event.object_id, event);
}

const server = createServer(receive).listen(Number(PORT), "127.0.0.1");

async function until(happened: () => boolean | Promise<boolean>, what: string) {
  for (let tries = 0; tries < 300; tries++) {
    if (await happened()) return;
    await sleep(100);
  }
  throw new Error(`not yet: ${what}`);
}

const wang = await done(
  client.POST("/v1/customers", { body: { kind: "person", name: "王芳" } }),
);
await until(() => latest.has(wang.id), "the event has arrived");
assert.deepEqual(latest.get(wang.id)?.data, wang);

down = true;
const bob = await done(client.POST("/v1/customers", { body: { kind: "person", name: "Bob" } }));

async function failed() {
  const asked = { ...place, query: { state: ["retrying" as const] } };
  const { data } = await done(
    client.GET("/v1/webhook-endpoints/{id}/deliveries", { params: asked }),
  );
  return data.length === 1;
}

await until(failed, "the delivery has failed");
down = false;
await done(
  client.POST("/v1/webhook-endpoints/{id}/replay", {
    params: place,
    body: { from: wang.updated_at, only: "failed" },
  }),
);
await until(() => latest.has(bob.id), "what was missed has arrived");

const key = new Webhook(secret);
const id = "evt_1";
const at = new Date();
const headers = (signature: string, name = id, time = at) => ({
  "webhook-id": name,
  "webhook-timestamp": String(Math.floor(time.getTime() / 1000)),
  "webhook-signature": signature,
});
const signature = key.sign(id, at, "{}");
const stale = new Date(at.getTime() - 360_000);
key.verify("{}", headers(signature));
for (const [body, sent] of [
  ["{ }", headers(signature)],
  ["{}", headers(signature, "evt_2")],
  ["{}", headers(key.sign(id, stale, "{}"), id, stale)],
  ["{}", headers(signature.replace("v1,", "v2,"))],
] as const) {
  assert.throws(() => key.verify(body, sent));
}

await client.DELETE("/v1/webhook-endpoints/{id}", { params: place });
server.closeAllConnections();
server.close();
console.log(`${seen.size} events, ${latest.size} customers`);
