import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { type CommandOptions, newFolder, runCommand, startCommand } from "../support/command.js";
import { type NamedStore, nameStore, storeEngines } from "../support/event-stores.js";

const now = Date.parse("2026-11-20T01:15:00Z");
const key = "0123456789abcdef0123456789abcdef01234567";
const range = ["2026-11-17", "2026-11-19"];
const columns = ["-p", "timestamp,type,event_id,rcpt_to,rcpt_meta,subject"];

describe.each(storeEngines)("a store in $engine", (harness) => {
  /** An account of generated events, and a store with all of them that are over. */
  async function start() {
    const source = generateEvents({ events: 12_000, seed: 5, now });
    const sandbox = await startSandbox({ source, now: () => now });
    onTestFinished(() => sandbox.close());
    const scene = new ExportScene(await newFolder(), sandbox.origin, await nameStore(harness));
    const synced = await scene.run(["sync", "--host", sandbox.origin, "--to", scene.store.name]);
    expect(synced).toMatchObject({ code: 0 });
    return scene;
  }

  test("gives the same bytes as SparkPost, in every format, and by every way", async () => {
    const scene = await start();
    const { url, key: accessKey } = await scene.serve();
    for (const [name, options] of [
      ["a.csv", columns],
      ["all.csv", ["-p", "*, event"]],
      ["a.jsonl", []],
      ["bounces.csv", ["--events", "bounce,out_of_band", ...columns]],
      ["campaigns.csv", ["--campaigns", "order,weekly", "--subaccounts", "101,102", ...columns]],
      ["domains.csv", ["--recipient-domains", "example", "--concurrency", "1", ...columns]],
      ["subjects.csv", ["--subjects", "parcel", "--per-page", "7", ...columns]],
    ] as const) {
      const files = await Promise.all(
        [
          { ways: ["--host", scene.origin], env: {} },
          { ways: ["--store", scene.store.name], env: {} },
          { ways: ["--host", url], env: { SPARKPOST_API_KEY: accessKey } },
        ].map(async ({ ways, env }, index) => {
          const out = `${index}-${name}`;
          const result = await scene.run([...range, ...ways, ...options, "-o", out], env);
          expect(result.stderr).toMatch(/✔ [\d,]+ events/);
          expect(result.code).toBe(0);
          return readFile(join(scene.cwd, out));
        }),
      );
      const [straight = Buffer.alloc(0), ...others] = files;
      expect(straight.length).toBeGreaterThan(500);
      expect(others.map((bytes) => bytes.equals(straight))).toEqual([true, true]);
    }
  });

  test("counts as SparkPost does", async () => {
    const scene = await start();
    const [straight, own] = await Promise.all(
      [
        ["--host", scene.origin],
        ["--store", scene.store.name],
      ].map((way) => scene.run(["count", ...range, ...way, "--format", "json"])),
    );
    expect(own?.code).toBe(0);
    expect(own?.stdout).toBe(straight?.stdout);
  });

  test("answers for no day that it lacks, unless that is asked for", async () => {
    const scene = await start();
    const command = ["2026-11-19", "2026-11-20T01", "--store", scene.store.name, ...columns];
    const lacks = `${scene.store.name} does not have all of this range yet: 2026-11-20T00:00:00 to 2026-11-20T01:15:00 in UTC.`;
    for (const way of [["-o", "a.csv"], ["--dry-run"]]) {
      const refused = await scene.run([...command, ...way]);
      expect(refused.stderr).toContain(`error: ${lacks}`);
      expect(refused.code).toBe(2);
    }
    const counted = await scene.run(["count", "today", "--store", scene.store.name]);
    expect(counted.code).toBe(2);
    const allowed = await scene.run([...command, "--allow-expired", "-o", "a.csv"]);
    expect(allowed.stderr).toContain(`warning: ${lacks}`);
    expect(allowed.code).toBe(0);
    const earlier = await scene.run(["2026-01-01", "--store", scene.store.name, "-o", "b.csv"]);
    expect(earlier.stderr).toContain("was never compared with SparkPost's count");
    expect(earlier.code).toBe(0);
  });

  test("tells whoever asks by a server what it lacks, too", async () => {
    const scene = await start();
    const { url, key: accessKey } = await scene.serve();
    const env = { SPARKPOST_API_KEY: accessKey };
    const run = (...args: string[]) => scene.run([...args, "--host", url], env);
    const lacks = `${url} does not have all of this range yet: 2026-11-20T00:00:00 to 2026-11-20T01:15:00 in UTC.`;
    const range = ["2026-11-19", "2026-11-20T01"];
    for (const way of [
      ["-o", "a.csv"],
      ["--dry-run"],
      ["-o", "b.csv", "--retention", "unlimited"],
    ]) {
      const refused = await run(...range, ...way);
      expect(refused.stderr).toContain(`error: ${lacks}`);
      expect(refused.stderr).toContain("--allow-expired");
      expect(refused.code).toBe(2);
    }
    expect((await run("count", "today")).code).toBe(2);
    const allowed = await run(...range, ...columns, "--allow-expired", "-o", "c.csv");
    expect(allowed.stderr).toContain(`warning: ${lacks}`);
    expect(allowed.code).toBe(0);
    const earlier = await run("2026-01-01", "-o", "d.csv");
    expect(earlier.stderr).toContain("was never compared with SparkPost's count");
    expect(earlier.code).toBe(0);

    const missingOf = async (from: string, to: string) => {
      const search = new URLSearchParams({ from, to, per_page: "1" });
      const response = await fetch(`${url}/api/v1/events/message?${search}`, {
        headers: { authorization: accessKey },
      });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      return response.headers.get("sparky-events-missing");
    };
    expect(await missingOf("2026-11-17T00:00Z", "2026-11-20T00:00Z")).toBeNull();
    // What is later than now has not happened.
    expect(await missingOf("2026-11-19T00:00Z", "2026-11-21T00:00Z")).toMatch(
      /^2026-11-20T00:00:00Z\/2026-11-20T01:15:\d\dZ$/,
    );
    const other = await fetch(`${url}/.well-known/sparky-events/coverage`);
    expect(other.status).toBe(401);
  });

  test("lacks a day that is no longer whole", async () => {
    const scene = await start();
    const day = "time >= '2026-11-18T12:00:00Z' and time < '2026-11-18T13:00:00Z'";
    await scene.store.sql(`delete from sparky_events.events where ${day}`);
    const { url, key: accessKey } = await scene.serve();
    for (const way of [
      ["--store", scene.store.name],
      ["--host", url],
    ]) {
      const refused = await scene.run([...range, ...way, "-o", "a.csv"], {
        SPARKPOST_API_KEY: accessKey,
      });
      expect(refused.stderr).toContain(
        "does not have all of this range yet: 2026-11-18T00:00:00 to 2026-11-19T00:00:00",
      );
      expect(refused.code).toBe(2);
    }
  });

  test("is called by its name", async () => {
    const scene = await start();
    const options = ["--store", scene.store.name, "--max-body", "1MB", "-o", "a.csv"];
    const { code, stderr } = await scene.run([...range, ...options]);
    expect(code).toBe(4);
    expect(stderr).toContain(`An answer of ${scene.store.name} is larger than 1MB`);
    expect(stderr).not.toMatch(/\.invalid|SparkPost/);
  });

  test("finds what one's own metadata says", async () => {
    const scene = await start();
    await scene.run([...range, "--store", scene.store.name, "-o", "all.jsonl"]);
    const events = (await readFile(join(scene.cwd, "all.jsonl"), "utf8")).split("\n").slice(0, -1);
    // Longer than JavaScript's numbers have digits.
    const [, order] = /"order_id":(\d{17,})/.exec(events.join("\n")) ?? [];
    expect(order).toBeDefined();
    const where = ["--where", `rcpt_meta.order_id=${order}`];
    const found = await scene.run([
      ...range,
      ...["--store", scene.store.name, ...where, "-o", "found.jsonl"],
    ]);
    expect(found.code).toBe(0);
    const lines = (await readFile(join(scene.cwd, "found.jsonl"), "utf8")).split("\n").slice(0, -1);
    expect(lines).toEqual(events.filter((line) => line.includes(`"order_id":${order},`)));
    const atSparkPost = await scene.run([...range, ...where, "-o", "no.jsonl"]);
    expect(atSparkPost.code).toBe(2);
    expect(atSparkPost.stderr).toContain("--where: SparkPost cannot search for metadata.");
  });

  test("has events of any age, by a server too", async () => {
    const scene = await start();
    const { url, key: accessKey } = await scene.serve();
    const later = { CLOCK: "2027-06-01T00:00:00Z" };
    for (const [way, env] of [
      [["--store", scene.store.name], later],
      [["--host", url], { ...later, SPARKPOST_API_KEY: accessKey }],
    ] as const) {
      const { code, stderr } = await scene.run([...range, ...way, "-o", `${way[0]}.csv`], env);
      expect(stderr).toMatch(/✔ [\d,]+ events/);
      expect(code).toBe(0);
    }
    const straight = await scene.run([...range, "--host", scene.origin, "-o", "c.csv"], later);
    expect(straight.code).toBe(2);
    expect(straight.stderr).toContain("SparkPost keeps events for 10 days");
  });

  test("can be synced while a server has it", async () => {
    const scene = await start();
    const { url, key: accessKey } = await scene.serve();
    const before = await scene.store.texts().catch(() => undefined);
    const synced = await scene.start(["sync", "--host", scene.origin, "--to", scene.store.name])
      .finished;
    expect(synced.code).toBe(0);
    const { code } = await scene.run([...range, "--host", url, "-o", "a.csv"], {
      SPARKPOST_API_KEY: accessKey,
    });
    expect(code).toBe(0);
    expect(before === undefined || before.length > 0).toBe(true);
  });
});

class ExportScene {
  readonly cwd: string;
  readonly origin: string;
  readonly store: NamedStore;

  constructor(cwd: string, origin: string, store: NamedStore) {
    this.cwd = cwd;
    this.origin = origin;
    this.store = store;
  }

  run(args: readonly string[], env: Record<string, string> = {}) {
    return runCommand(args, this.#options(env));
  }

  start(args: readonly string[], env: Record<string, string> = {}) {
    return startCommand(args, this.#options(env));
  }

  /** A server of the store, with a key for it. */
  async serve(): Promise<{ url: string; key: string }> {
    const access = ["--access", join(this.cwd, "keys")];
    const added = await this.run(["access", "add", "me", ...access]);
    const { process } = this.start([
      ...["serve", "--store", this.store.name, "--listen", "127.0.0.1:0"],
      ...[...access, "--log-format", "json"],
    ]);
    onTestFinished(async () => {
      const ended = once(process, "exit");
      if (process.exitCode === null && process.kill("SIGTERM")) {
        await ended;
      }
    });
    const lines = createInterface({ input: process.stderr as Readable });
    const [first] = await once(lines, "line");
    return { url: JSON.parse(first).url, key: added.stdout.trim() };
  }

  #options(env: Record<string, string>): CommandOptions {
    const clock = new Date(now).toISOString();
    return {
      cwd: this.cwd,
      env: { SPARKPOST_API_KEY: key, CLOCK: clock, ...this.store.env, ...env },
      launcher: "dated",
    };
  }
}
