import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ArchiveFixture, eventAt, key, type TestEvent } from "../support/archive.js";
import { nameStore, storeEngines } from "../support/event-stores.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { StoreScene } from "../support/store-scene.js";
import { hasTerminal, keys, startOnTerminal } from "../support/terminal.js";

const now = "2026-11-20T01:15:00Z";
const anna = "Anna.Forgotten@Example.com";
const typed = "anna.FORGOTTEN@example.com";

/** An event every half hour; every fourth is Anna's. */
function eventsOf(from: string, to: string): TestEvent[] {
  const events: TestEvent[] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += 1_800_000) {
    const isHers = events.length % 4 === 0;
    const event = eventAt(new Date(time + 900_000).toISOString());
    events.push({ ...event, rcpt_to: isHers ? anna : `bert${events.length}@example.com` });
  }
  return events;
}

function isHers({ rcpt_to }: TestEvent): boolean {
  return String(rcpt_to).toLowerCase() === anna.toLowerCase();
}

describe.each(storeEngines)("store forget in $engine", (harness) => {
  async function start(events = eventsOf("2026-11-17T00:00Z", "2026-11-24T00:00Z")) {
    const account = await ArchiveFixture.start(now, events);
    return new ForgetScene(account, await nameStore(harness));
  }

  test("removes a person's events, and the next syncs miss nothing", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const forgotten = await scene.forget("--yes");
    expect(forgotten).toMatchObject({ code: 0, stderr: "" });
    expect(forgotten.stdout).toContain(
      `${scene.store.name}: removed 24 events of ${typed}, from 2026-11-18T00:15:00Z to 2026-11-19T22:15:00Z. What happened before 2026-11-20T01:15:`,
    );
    expect(await scene.texts()).toEqual(scene.others("2026-11-18", "2026-11-20"));

    const again = await scene.sync("--days", "2");
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain("72 events; nothing new");
    expect(await scene.status()).toMatchObject({ code: 0, stderr: "" });
    const exported = await scene.run(
      ...["2026-11-18", "2026-11-19", "--store", scene.store.name, "-p", "event", "-o", "-"],
    );
    expect(exported.code).toBe(0);
    expect(exported.stdout).toContain("bert53@example.com");
    expect(exported.stdout.toLowerCase()).not.toContain(anna.toLowerCase());
  });

  test("keeps out what sync and load would bring back, and nothing else", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    await scene.forget("--yes");
    // An hour that Anna has an event in is fetched again, for another that came in late.
    const late = { ...eventAt("2026-11-19T10:40:00Z"), rcpt_to: "carl@example.com" };
    scene.account.events = [...scene.account.events, late];
    const grown = await scene.sync("--days", "2");
    expect(grown.stderr).toContain("2026-11-19: 37 events, 1 more than before");
    expect(grown.code).toBe(0);
    expect(await scene.texts()).toEqual(scene.others("2026-11-18", "2026-11-20"));

    // A day that was not there when she was forgotten.
    const earlier = await scene.sync("--days", "3");
    expect(earlier.stderr).toContain("2026-11-17: 36 events");
    expect(earlier.code).toBe(0);
    expect((await scene.sync("--days", "3")).stderr).toContain("nothing new");
    const jsonl = scene.account.events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const loaded = await scene.load(jsonl);
    expect(loaded.code).toBe(0);

    // Anna is there again, as whoever buys something is.
    scene.account.now = "2026-11-21T01:15:00Z";
    expect((await scene.sync("--days", "4")).code).toBe(0);
    const hers = scene.account.events.filter(
      (event) => isHers(event) && event.timestamp > "2026-11-20T01:15",
    );
    expect(await scene.texts()).toEqual(
      [...scene.others("2026-11-17", "2026-11-24"), ...hers.map((event) => JSON.stringify(event))]
        .filter((text) => text !== "")
        .sort(),
    );
    expect(await scene.status()).toMatchObject({ code: 0 });
  });

  test("hides no loss of others' events", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    await scene.forget("--yes");
    const before = await scene.texts();
    await scene.store.sql("delete from sparky_events.events where rcpt_to = 'bert53@example.com'");
    const status = await scene.status();
    expect(status.code).toBe(5);
    expect(status.stdout).toMatch(/2026-11-18 Wed {2}changed .*\n2026-11-19 Thu {2}complete/);
    expect(await scene.texts()).toHaveLength(before.length - 1);
    const mended = await scene.sync("--days", "2");
    expect(mended.code).toBe(0);
    expect(await scene.texts()).toEqual(before);

    // A loss from before is one afterwards, too.
    await scene.store.sql("delete from sparky_events.events where rcpt_to = 'bert53@example.com'");
    await scene.run("store", "forget", "bert54@example.com", "--store", scene.store.name, "--yes");
    expect((await scene.status()).code).toBe(5);
    expect((await scene.sync("--days", "2")).code).toBe(0);
    expect(await scene.texts()).toHaveLength(before.length - 1);
    expect((await scene.status()).code).toBe(0);
  });

  test("tells a whole day that is forgotten from one that is missing", async () => {
    const events = ["08:00", "09:00"].map((time) => ({
      ...eventAt(`2026-11-19T${time}:00Z`),
      rcpt_to: anna,
    }));
    const scene = await start(events);
    await scene.sync("--days", "1");
    await scene.forget("--yes");
    const again = await scene.sync("--days", "1");
    expect(again.stderr).toContain("0 events; nothing new");
    expect(again.code).toBe(0);
    expect((await scene.status()).stdout).toMatch(/2026-11-19 Thu {2}complete +0$/m);
    // SparkPost has one event less than were forgotten.
    scene.account.events = events.slice(1);
    expect((await scene.sync("--days", "1")).stderr).toContain(
      "SparkPost has 1 of its 2 events now",
    );
  });

  test("remembers nothing of anybody when SparkPost has forgotten, too", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    await scene.forget("--yes");
    const kept = async () =>
      Object.values(
        (
          await scene.store.sql(
            `select (select count(*) from sparky_events.forgotten) as people,
              (select count(*) from sparky_events.forgotten_events) as events`,
          )
        )[0] ?? {},
      ).map(Number);
    expect(await kept()).toEqual([1, 24]);
    // Late on the eleventh day after.
    scene.account.now = "2026-11-30T23:00:00Z";
    await scene.sync("--days", "9");
    expect((await kept())[0]).toBe(1);
    scene.account.now = "2026-12-01T02:00:00Z";
    await scene.sync("--days", "9");
    expect(await kept()).toEqual([0, 0]);
    expect(await scene.status("--retention", "10d")).toMatchObject({ code: 6 });
  });

  test("asks first, and refuses where nobody is there to be asked", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const refused = await scene.forget();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      `${scene.store.name} has 24 events of ${typed}, from 2026-11-18T00:15:00Z to 2026-11-19T22:15:00Z. Nothing was removed`,
    );
    expect(refused.stderr.replace(/\s+/g, " ")).toContain(
      `sparky-events store forget ${typed} --store ${scene.store.name} --yes`,
    );
    expect(await scene.texts()).toHaveLength(96);
    const [nobody, nothing] = [
      await scene.run("store", "forget"),
      await scene.run("store", "forget", ""),
    ];
    for (const { code, stderr } of [nobody, nothing]) {
      expect(code).toBe(2);
      expect(stderr).toContain("sparky-events store forget anna@example.com");
    }
  });

  test("waits for no sync that is at work", async () => {
    const events = eventsOf("2026-11-19T00:00Z", "2026-11-20T00:00Z");
    const account = await ArchiveFixture.start(now, events, 1_500);
    const scene = new ForgetScene(account, await nameStore(harness));
    await scene.sync("--days", "1");
    account.events = [...events, { ...eventAt("2026-11-19T10:40:00Z"), rcpt_to: anna }];
    const { process, finished } = account.start(
      ["sync", "--host", account.origin, "--to", scene.store.name, "--days", "1", "--verbose"],
      { SPARKPOST_API_KEY: key, ...scene.store.env },
    );
    // Its first request is on its way, and takes longer than the other command.
    await once(process.stderr as Readable, "data");
    expect((await scene.forget("--yes")).code).toBe(75);
    expect((await finished).code).toBe(0);
    expect(await scene.texts()).toHaveLength(49);
  });

  test.skipIf(!hasTerminal)("does what is answered on a terminal", async () => {
    const scene = await start();
    await scene.sync("--days", "1");
    for (const [answer, left] of [
      [keys.enter, 48],
      ["y", 36],
    ] as const) {
      const terminal = startOnTerminal(["store", "forget", typed, "--store", scene.store.name], {
        cwd: scene.account.cwd,
        env: scene.store.env,
        columns: 200,
      });
      await terminal.shows("Remove them for good?");
      terminal.type(answer);
      expect((await terminal.finished).code).toBe(0);
      expect(await scene.texts()).toHaveLength(left);
    }
  });

  test(`killed at any moment, comes to the same end (SEED=${seed})`, async () => {
    const below = randomNumbers(seed);
    const scene = await start();
    await scene.sync("--days", "2");
    for (let kill = 0; kill < times(3, 30); kill++) {
      const { process, finished } = scene.start("store", "forget", typed, "--yes");
      await wait(below(1_200));
      process.kill("SIGKILL");
      await finished;
      expect(await scene.sync("--days", "2")).toMatchObject({ code: 0 });
    }
    expect(await scene.forget("--yes")).toMatchObject({ code: 0 });
    expect(await scene.texts()).toEqual(scene.others("2026-11-18", "2026-11-20"));
    expect((await scene.sync("--days", "2")).stderr).toContain("nothing new");
    expect((await scene.status()).code).toBe(0);
    await scene.expectNoTrace();
  });

  if (harness.engine === "DuckDB") {
    test("leaves the address in no file, whatever comes after", async () => {
      const scene = await start();
      await scene.sync("--days", "2");
      expect(await scene.filesWith(anna)).toHaveLength(1);
      await scene.forget("--yes");
      await scene.expectNoTrace();
      await scene.sync("--days", "3");
      await scene.expectNoTrace();
      await scene.sync("--days", "3", "--keep", "12");
      expect(await readdir(join(scene.store.name, ".."))).toEqual(["events.duckdb"]);
    });
  }
});

class ForgetScene extends StoreScene {
  forget(...args: string[]) {
    return this.run("store", "forget", typed, "--store", this.store.name, ...args);
  }

  async load(jsonl: string) {
    const path = join(this.account.cwd, "events.jsonl");
    await writeFile(path, jsonl);
    return await this.run("load", path, "--to", this.store.name);
  }

  /** As a process of its own. */
  start(...args: string[]) {
    return this.account.start([...args, "--store", this.store.name], this.env);
  }

  texts(): Promise<string[]> {
    return this.store.texts();
  }

  /** The texts of what is not Anna's, sorted. */
  others(from: string, to: string): string[] {
    return this.account.events
      .filter((event) => !isHers(event) && event.timestamp >= from && event.timestamp < to)
      .map((event) => JSON.stringify(event))
      .sort();
  }

  async expectNoTrace(): Promise<void> {
    expect(await this.filesWith(anna)).toEqual([]);
    expect(await this.filesWith(anna.toLowerCase())).toEqual([]);
  }

  /** Of the store in a file, and all beside it. */
  async filesWith(text: string): Promise<string[]> {
    const folder = join(this.store.name, "..");
    if (this.store.name.startsWith("postgres")) {
      return [];
    }
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const contents = await Promise.all(paths.map((path) => readFile(path)));
    return paths.filter((_, index) => contents[index]?.includes(text));
  }
}
