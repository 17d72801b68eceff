import { rename } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { duckDb } from "../store/store-harness.js";
import { newFolder, runCommand } from "../support/command.js";
import { type NamedStore, nameStore } from "../support/event-stores.js";
import { startPostgres } from "../support/postgres-server.js";
import { type RealServer, startRealServer } from "../support/real-server.js";

/** A server of a store that has been filled. */
async function start(store: Pick<NamedStore, "name" | "env">): Promise<RealServer> {
  const cwd = await newFolder();
  const sandbox = await startSandbox({
    source: generateEvents({ events: 500, seed: 3, now: Date.now() }),
  });
  onTestFinished(() => sandbox.close());
  const synced = await runCommand(["sync", "--to", store.name, "--host", sandbox.origin], {
    cwd,
    env: { SPARKPOST_API_KEY: "any", ...store.env },
  });
  expect(synced).toMatchObject({ code: 0 });
  return await startRealServer(cwd, store);
}

async function search({ url, key }: RealServer) {
  const response = await fetch(`${url}/api/v1/events/message?per_page=3`, {
    headers: { authorization: key },
  });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: await response.text(),
  };
}

const statusOf = async (server: RealServer) => (await search(server)).status;
const healthOf = async ({ url }: RealServer) => (await fetch(`${url}/healthz`)).status;

/** Asks anew until the answer is as expected. */
const patience = { timeout: 30_000, interval: 100 };

async function expectOutage(server: RealServer) {
  await expect.poll(() => statusOf(server), patience).toBe(503);
  const { retryAfter, body } = await search(server);
  expect(Number(retryAfter)).toBeGreaterThan(0);
  // What is wrong with it is for the log.
  expect(body).not.toMatch(/postgres|duckdb|ECONN/i);
  await expect.poll(() => healthOf(server), patience).toBe(503);
}

async function expectRecovery(server: RealServer) {
  await expect.poll(() => statusOf(server), patience).toBe(200);
  await expect.poll(() => healthOf(server), patience).toBe(200);
  expect(await server.stop()).toMatchObject({ code: 0 });
  expect(server.log.some(({ event }) => event === "failure")).toBe(true);
  expect(server.log.every(({ status }) => status !== 500)).toBe(true);
}

test("PostgreSQL may be restarted under a server", { timeout: 120_000 }, async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const url = new URL(postgres.url);
  const env = { PGPASSWORD: decodeURIComponent(url.password) };
  url.password = "";
  const server = await start({ name: url.href, env });
  expect(await statusOf(server)).toBe(200);
  await postgres.halt();
  await expectOutage(server);
  await postgres.resume();
  await expectRecovery(server);
});

test("a DuckDB file may go away under a server, and come back", async () => {
  const store = await nameStore(duckDb);
  const server = await start(store);
  expect(await statusOf(server)).toBe(200);
  await rename(store.name, `${store.name}.away`);
  await expectOutage(server);
  await rename(`${store.name}.away`, store.name);
  await expectRecovery(server);
});
