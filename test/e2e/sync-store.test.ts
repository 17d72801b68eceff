import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ArchiveFixture, eventAt, eventsFrom, type TestEvent } from "../support/archive.js";
import { nameStore, storeEngines } from "../support/event-stores.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { StoreScene } from "../support/store-scene.js";

const now = "2026-11-20T01:15:00Z";

/** What is in a store after a sync of these events. */
function textsOf(events: readonly TestEvent[], from: string, to: string): string[] {
  return events
    .filter(({ timestamp }) => timestamp >= from && timestamp < to)
    .map((event) => JSON.stringify(event))
    .sort();
}

describe.each(storeEngines)("sync into $engine", (harness) => {
  async function start(
    events: readonly TestEvent[] = eventsFrom("2026-11-17T00:30:00Z", "2026-11-30T00:00:00Z"),
  ) {
    const account = await ArchiveFixture.start(now, events);
    return new StoreScene(account, await nameStore(harness));
  }

  test("keeps each event whole, in the form it came, and once", async () => {
    const odd = [
      { ...eventAt("2026-11-19T08:00:00Z"), subject: 'a "b", \u0000 \ud800 \r\n ü' },
      { ...eventAt("2026-11-19T08:00:00Z", "brand_new_type"), rcpt_meta: { a: [1, { b: null }] } },
    ];
    const events = [...eventsFrom("2026-11-17T00:30:00Z", "2026-11-21T00:00:00Z"), ...odd];
    const scene = await start(events);
    const first = await scene.sync("--days", "2");
    expect(first.stderr).toContain(`${scene.store.name}: 50 events; 2 exported`);
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(await scene.store.texts()).toEqual(
      textsOf(events, "2026-11-18T00:00", "2026-11-20T00:00"),
    );
    const second = await scene.sync("--days", "2");
    expect(second.stderr).toContain(`${scene.store.name}: 50 events; nothing new`);
    expect(second.code).toBe(0);

    const status = await scene.status();
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toMatch(
      /^2026-11-18 Wed {2}complete +24 .*\n2026-11-19 Thu {2}complete +26 /m,
    );
    const info = await scene.run("store", "info", "--store", scene.store.name, "--format", "json");
    expect(JSON.parse(info.stdout)).toMatchObject({
      store: scene.store.name,
      events: 50,
      oldest: "2026-11-18T00:30:00Z",
      newest: "2026-11-19T23:30:00Z",
      origin: scene.account.origin,
      since: "2026-11-18T00:00:00Z",
    });
  });

  test("fetches the hours only in which events came in late", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const late = [eventAt("2026-11-19T05:10:00Z"), eventAt("2026-11-19T17:59:59.999Z")];
    scene.account.events = [...scene.account.events, ...late];
    const { code, stderr } = await scene.sync("--days", "2", "--verbose");
    expect(code).toBe(0);
    expect(stderr).toMatch(/2026-11-19: 26 events, 2 more than before/);
    expect(stderr.match(/ 2 of 2 events /g)).toHaveLength(2);
    expect(await scene.store.texts()).toEqual(
      textsOf(scene.account.events, "2026-11-18T00:00", "2026-11-20T00:00"),
    );
  });

  test("keeps what SparkPost has no longer", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const before = await scene.store.texts();
    scene.account.events = scene.account.events.filter(
      ({ timestamp }) => !timestamp.startsWith("2026-11-19T1"),
    );
    const { code, stderr } = await scene.sync("--days", "2");
    expect(code).toBe(5);
    expect(stderr).toMatch(/2026-11-19: SparkPost has 14 of its 24 events now; the store stays/);
    expect(await scene.store.texts()).toEqual(before);
  });

  test("brings back what somebody took out, as long as SparkPost has it", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const before = await scene.store.texts();
    await scene.store.sql(
      "delete from sparky_events.events where time >= timestamp '2026-11-19 20:00'",
    );
    const status = await scene.status();
    expect(status.code).toBe(5);
    expect(status.stdout).toMatch(/2026-11-19 Thu {2}changed/);
    const again = await scene.sync("--days", "2");
    expect(again.stderr).toContain("2026-11-19 in ");
    expect(again.code).toBe(0);
    expect(await scene.store.texts()).toEqual(before);
  });

  test("tells the days that SparkPost has no longer, until they are accepted", async () => {
    const scene = await start();
    await scene.sync("--days", "1");
    scene.account.now = "2026-12-03T01:15:00Z";
    const { code, stderr } = await scene.sync();
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /no longer has what is missing from .*: 2026-11-20, 2026-11-21, 2026-11-22/,
    );
    expect((await scene.status()).code).toBe(6);
    expect((await scene.sync("--accept-gaps")).code).toBe(0);
    expect((await scene.sync()).code).toBe(0);
    expect((await scene.status()).code).toBe(0);
  });

  test("takes what there is of today, and goes on from there", async () => {
    const scene = await start();
    scene.account.now = "2026-11-20T10:15:00Z";
    await scene.sync("--days", "1", "--include-today");
    expect(await scene.store.texts()).toHaveLength(24 + 10);
    scene.account.now = "2026-11-20T12:45:00Z";
    const { code } = await scene.sync("--days", "1", "--include-today");
    expect(code).toBe(0);
    expect(await scene.store.texts()).toHaveLength(24 + 13);
    scene.account.now = "2026-11-21T00:20:00Z";
    expect((await scene.sync("--days", "1")).code).toBe(0);
    expect(await scene.store.texts()).toEqual(
      textsOf(scene.account.events, "2026-11-19T00:00", "2026-11-21T00:00"),
    );
    expect((await scene.status()).stdout).toMatch(/2026-11-20 Fri {2}complete/);
  });

  test("has nothing that is older than --keep, whatever way it came", async () => {
    const scene = await start(eventsFrom("2026-11-11T00:30:00Z", "2026-11-30T00:00:00Z"));
    await scene.sync("--days", "10");
    const loaded = ["2026-08-01T12:00Z", "2026-11-07T23:59:59.999Z", "2026-11-08T00:00Z"].map(
      (time) => eventAt(time),
    );
    const path = join(scene.account.cwd, "old.jsonl");
    await writeFile(path, loaded.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await scene.run("load", path, "--to", scene.store.name);
    const all = [...loaded, ...scene.account.events];

    const first = await scene.sync("--keep", "12");
    expect(first.stderr).toContain("Deleted 2 events older than --keep\n");
    expect(first.code).toBe(0);
    expect(await scene.store.texts()).toEqual(textsOf(all, "2026-11-08", "2026-11-20"));
    expect((await scene.sync("--keep", "12")).stderr).toContain("; nothing new");

    scene.account.now = "2026-11-25T01:15:00Z";
    const later = await scene.sync("--keep", "12");
    expect(later.stderr).toContain("Deleted 49 events of 2 days older than --keep: 2026-11-11, ");
    expect(later.code).toBe(0);
    expect(await scene.store.texts()).toEqual(textsOf(all, "2026-11-13", "2026-11-25"));
    expect((await scene.status("--keep", "12")).code).toBe(0);
    expect((await scene.status()).code).toBe(0);
  });

  test("removes nothing that SparkPost has for a number that is too small", async () => {
    const scene = await start();
    await scene.sync("--days", "2");
    const { code, stderr } = await scene.sync("--keep", "9");
    expect(code).toBe(2);
    expect(stderr).toContain("A store keeps events for 10 days at least");
    expect(await scene.store.texts()).toHaveLength(48);
    expect((await scene.sync("--keep", "3", "--retention", "2d", "--days", "2")).code).toBe(0);
  });

  test("keeps to one account, and to the same subaccounts", async () => {
    const scene = await start();
    const other = await ArchiveFixture.start(now, []);
    const key = { SPARKPOST_API_KEY: "unauthorized", ...scene.store.env };
    const first = ["sync", "--host", other.origin, "--to", scene.store.name];
    expect((await scene.account.run(first, key)).code).toBe(3);
    if (harness.engine === "DuckDB") {
      // Nor does it leave an empty file.
      expect(await readdir(dirname(scene.store.name))).toEqual([]);
    }
    // A host that refused the key has no claim to it.
    expect((await scene.sync("--days", "1")).code).toBe(0);
    const elsewhere = await scene.run("sync", "--host", other.origin, "--to", scene.store.name);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toContain(
      `holds the events from ${scene.account.origin}; these settings are for`,
    );
    const narrower = await scene.sync("--subaccounts", "7");
    expect(narrower.code).toBe(2);
    expect(narrower.stderr).toContain("the events of subaccounts 7 from");
  });

  test("lets one run at a time write", async () => {
    const events = eventsFrom("2026-11-19T00:30:00Z", "2026-11-20T00:00:00Z");
    const account = await ArchiveFixture.start(now, events, 1_500);
    const scene = new StoreScene(account, await nameStore(harness));
    const first = scene.startSync("--days", "1", "--verbose");
    // Its first request is on its way, and takes longer than the second run.
    await once(first.process.stderr as Readable, "data");
    const second = await scene.sync("--days", "1");
    expect(second.code).toBe(75);
    expect((await first.finished).code).toBe(0);
    expect(await scene.store.texts()).toHaveLength(24);
  });

  test(`killed at any moment, and again, no event is lost or doubled (SEED=${seed})`, {
    timeout: 60_000 * times(1, 20),
  }, async () => {
    const below = randomNumbers(seed);
    const events = eventsFrom("2026-11-17T00:00:30Z", "2026-11-20T00:00:00Z", 2);
    const account = await ArchiveFixture.start(now, events);
    const whole = new StoreScene(account, await nameStore(harness));
    const begun = performance.now();
    await whole.startSync("--days", "3").finished;
    const longest = Math.ceil(performance.now() - begun);
    const all = textsOf(events, "2026-11-17", "2026-11-20");
    expect(await whole.store.texts()).toEqual(all);

    for (let trial = 0; trial < times(2, 25); trial++) {
      const scene = new StoreScene(account, await nameStore(harness));
      for (let kill = 0; kill < 2; kill++) {
        const { process, finished } = scene.startSync("--days", "3");
        await wait(below(longest));
        process.kill("SIGKILL");
        await finished;
      }
      const { code, stderr } = await scene.sync("--days", "3");
      expect(code, stderr).toBe(0);
      expect(await scene.store.texts()).toEqual(all);
      expect((await scene.status()).code).toBe(0);
    }
  });
});
