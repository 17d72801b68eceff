import { createServer } from "node:net";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.js";
import { EVENTS_PATH, makeSource } from "./sandbox-client.js";

const source = makeSource(10);
const request = { headers: { authorization: "key" } };

test("listens on a free port of this machine only", async () => {
  const sandbox = await startSandbox({ source });
  expect(sandbox.origin).toBe(`http://127.0.0.1:${sandbox.port}`);
  expect(sandbox.port).toBeGreaterThan(0);
  expect((await fetch(sandbox.origin + EVENTS_PATH, request)).status).toBe(200);
  // Only a server that listens on all addresses could be in the way of this one.
  const neighbour = createServer().listen(sandbox.port, "127.0.0.2");
  await new Promise((resolve, reject) => neighbour.on("listening", resolve).on("error", reject));
  neighbour.close();
  await sandbox.close();
});

test("rejects with the system's error when the port is taken", async () => {
  const sandbox = await startSandbox({ source });
  await expect(startSandbox({ source, port: sandbox.port })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  await sandbox.close();
});

test("closes although connections are kept alive, and gives the port back", async () => {
  const first = await startSandbox({ source });
  await (await fetch(first.origin + EVENTS_PATH, request)).text();
  await first.close();
  await expect(fetch(first.origin + EVENTS_PATH, request)).rejects.toThrow();
  const second = await startSandbox({ source, port: first.port });
  expect(second.port).toBe(first.port);
  await second.close();
  await second.close();
});

test("takes as long to answer as it is told", async () => {
  const sandbox = await startSandbox({ source, latency: 40 });
  const start = performance.now();
  await (await fetch(sandbox.origin + EVENTS_PATH, request)).text();
  // Timers may fire a millisecond early.
  expect(performance.now() - start).toBeGreaterThan(38);
  await sandbox.close();
});

test("closes although an answer is still to come", async () => {
  const sandbox = await startSandbox({ source, latency: 600_000 });
  const answer = expect(fetch(sandbox.origin + EVENTS_PATH, request)).rejects.toThrow();
  // Another answer shows that the server has taken in the first request.
  await fetch(sandbox.origin, { ...request, signal: AbortSignal.timeout(50) }).catch(() => {});
  await sandbox.close();
  await answer;
});
