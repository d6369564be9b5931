import assert from "node:assert/strict";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./crm.js";

const { CRM_URL, CRM_KEY } = process.env;
const client = createClient<paths>({
  baseUrl: CRM_URL ?? "",
  headers: { Authorization: `Bearer ${CRM_KEY}` },
});

type Customer = components["schemas"]["CustomerRead"];
type Problem = components["schemas"]["Problem"];

class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail} (${problem.request_id})`);
  }
}

const refuse: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw new Refused(await response.json());
  },
};
client.use(refuse);

/** The data of an answer; what was refused has been thrown before. */
async function done<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

const me = await done(client.GET("/v1/me"));
assert(me.tenant.kind === "sandbox", "this file writes, so it wants a sandbox");

const tag = `ts-${crypto.randomUUID().slice(0, 8)}`;
const wang = await done(
  client.POST("/v1/customers", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      kind: "person",
      name: "王芳",
      tags: [tag],
      contact_points: [{ kind: "phone", value: "138 0013 8000" }],
    },
  }),
);
assert.equal(wang.sort_name, "wang fang");
assert.equal(wang.contact_points[0]?.value, "+8613800138000");

for (const name of ["Sunrise", "Moonlight"]) {
  await done(client.POST("/v1/customers", { body: { kind: "organization", name, tags: [tag] } }));
}

async function* customers(): AsyncGenerator<Customer> {
  let cursor: string | undefined;
  do {
    const query = { tag: [tag], sort: ["name" as const], limit: 2, cursor };
    const page = await done(client.GET("/v1/customers", { params: { query } }));
    for (const one of page.data) if ("contact_points" in one) yield one;
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
}

const names: string[] = [];
for await (const customer of customers()) names.push(customer.name);
assert.deepEqual(names, ["Moonlight", "Sunrise", "王芳"]);

function change(version: number, body: components["schemas"]["CustomerUpdate"]) {
  return client.PATCH("/v1/customers/{id}", {
    params: { path: { id: wang.id }, header: { "If-Match": `"${version}"` } },
    headers: { "Content-Type": "application/merge-patch+json" },
    body,
  });
}

const changed = await done(change(wang.version, { occupation: "Engineer", source: null }));
assert.deepEqual([changed.occupation, changed.version], ["Engineer", 2]);

async function refused(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    throw error;
  }
  throw new Error("It was not refused.");
}

const late = await refused(change(wang.version, { occupation: "Buyer" }));
switch (late.code) {
  case "precondition-failed": // somebody was first: read again, show both, let the person decide
    assert.equal(late.current_version, 2);
    break;
  default:
    throw new Refused(late);
}

const wrong = await refused(change(2, { name: "", tags: ["vip", " "] }));
assert.deepEqual(
  wrong.errors.map(({ pointer }) => pointer),
  ["/name", "/tags/1"],
);

const { data: outcomes } = await done(
  client.POST("/v1/customers/batch-upsert", {
    body: {
      system: "erp",
      items: [
        { external_id: `${tag}-1`, data: { kind: "person", name: "Ada", tags: [tag] } },
        { external_id: `${tag}-2`, data: { name: "Nobody knows the kind" } },
      ],
    },
  }),
);
assert.deepEqual(
  outcomes.map(({ outcome, problem }) => [outcome, problem?.errors[0]?.pointer]),
  [
    ["created", undefined],
    ["failed", "/data/kind"],
  ],
);
