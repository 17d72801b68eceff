import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startStoppable } from "../support/command.js";
import { day } from "../support/days.js";
import { type Account, type ServedEvent, startEventServer } from "../support/event-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const midnight = Date.parse(`${day}T00:00:00Z`);

/** So many events at even distances over the day, newest first. */
function eventsOf(count: number): ServedEvent[] {
  return Array.from({ length: count }, (_, index) =>
    eventAt(86_400 - ((index + 1) * 86_400) / count, `e${index}`),
  );
}

/** @param second after midnight */
function eventAt(second: number, event_id: string): ServedEvent {
  return { type: "click", event_id, timestamp: new Date(midnight + second * 1_000).toISOString() };
}

/** Newest first; the server's own order where the times are the same. */
function idsOf(events: readonly ServedEvent[]): string[] {
  return [...events]
    .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
    .map(({ event_id }) => event_id);
}

async function exportDay(
  { origin }: { origin: string },
  args: readonly string[],
  { cwd, more = {} }: { cwd?: string; more?: Record<string, string> } = {},
) {
  const folder = cwd ?? (await newFolder());
  const out = args.includes("-o") ? (args[args.indexOf("-o") + 1] ?? "") : "a.csv";
  const result = await runCommand(
    [day, "--host", origin, "-p", "event_id", "--per-page", "100", "-o", out, ...args],
    { cwd: folder, env: { ...env, ...more }, launcher: "fast" },
  );
  const files = (await readdir(folder)).sort();
  const ids: string[] = [];
  for (const name of files.filter((name) => !name.endsWith(".partial"))) {
    const bytes = await readFile(join(folder, name));
    ids.push(...rowsOf(String(name.includes(".gz") ? gunzipSync(bytes) : bytes)));
  }
  return { ...result, ids: out === "-" ? rowsOf(result.stdout) : ids, files };
}

/** Kills an export when so many pages are on record, and the next one is asked for. */
async function killAfterPages(
  server: { origin: string },
  account: Account,
  pages: number,
  cwd: string,
  args: readonly string[],
) {
  const out = args[args.indexOf("-o") + 1] ?? "";
  const run = startStoppable(
    [day, "--host", server.origin, "-p", "event_id", "--per-page", "100", ...args],
    { cwd, env },
  );
  let asked = 0;
  account.onPage = async () => {
    asked += 1;
    if (asked <= pages) {
      return;
    }
    const journal = join(cwd, `${out}.partial`, "journal");
    while (((await readFile(journal, "utf8")).match(/"type":"page"/g) ?? []).length < pages) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    run.kill("SIGKILL");
    await run.finished;
  };
  expect((await run.finished).signal).toBe("SIGKILL");
  account.onPage = undefined;
}

function rowsOf(csv: string): string[] {
  return csv.split("\n").slice(1, -1);
}

const legacy = ["--api", "message-events"];

describe("late events that shift the pages of the legacy API", () => {
  test.each([
    ["a.csv", []],
    ["a.csv.gz", []],
    ["-", []],
    ["a.csv", ["--split-rows", "450"]],
  ])("make it start over: to %s %j", async (out, args) => {
    const account: Account = { events: eventsOf(1_000) };
    account.onPage = (number) => {
      if (number === 2) {
        const late = [70_000, 75_000, 80_000].map((at) => eventAt(at, `late-${at}`));
        account.events = [...account.events, ...late];
      }
    };
    const server = await startEventServer(account);
    const { code, ids, stderr } = await exportDay(server, [...legacy, "-o", out, ...args]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).not.toMatch(/^(warning|note):/m);
    // The files of a split export are read by the alphabet.
    expect(args.length > 0 ? ids.toSorted() : ids).toEqual(
      args.length > 0 ? idsOf(account.events).toSorted() : idsOf(account.events),
    );
  });

  test.each(["a.csv", "a.csv.gz", "-"])(
    "each time end it with 5, and what arrived is kept: to %s",
    async (out) => {
      const account: Account = { events: eventsOf(1_000) };
      account.onPage = (number) => {
        account.events = [...account.events, eventAt(86_000 + number, `late-${number}`)];
      };
      const server = await startEventServer(account);
      const { code, ids, files, stderr } = await exportDay(server, [...legacy, "-o", out]);
      expect({ code, stderr }).toMatchObject({ code: 5 });
      expect(stderr).toMatch(
        /^error: The export is not right: events that came in while it ran shifted the pages of the legacy API, 4 times in a row\.$/m,
      );
      expect(files).toEqual(out === "-" ? [] : [`${out}.incomplete`]);
      expect(ids.length).toBeGreaterThan(1_000);
    },
  );

  test("make it start over where they have no id", async () => {
    const account: Account = {
      events: eventsOf(990),
      show: ({ event_id, ...event }) => ({ ...event, subject: event_id }),
      onPage: (number) => {
        if (number === 2) {
          account.events = [...account.events, eventAt(80_000, "late")];
        }
      },
    };
    const server = await startEventServer(account);
    const { code, ids } = await exportDay(server, [...legacy, "-p", "subject"]);
    expect(code).toBe(0);
    expect(ids).toEqual(idsOf(account.events));
    expect(server.requests).toHaveLength(12);
  });

  test.each([
    ["with an id", undefined],
    ["without", ({ event_id, ...event }: ServedEvent) => ({ ...event, subject: event_id })],
  ])("are told from those that do not, %s", async (_, show) => {
    const account: Account = {
      events: eventsOf(990),
      show,
      onPage: (number) => {
        if (number === 2) {
          account.events = [...account.events, eventAt(1_000, "late")];
        }
      },
    };
    const server = await startEventServer(account);
    const { code, ids, stderr } = await exportDay(server, [
      ...legacy,
      "-p",
      show ? "subject" : "event_id",
    ]);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/^(warning|note):/m);
    expect(ids).toEqual(idsOf(account.events));
    expect(server.requests).toHaveLength(10);
  });

  test("make it start over where they fill more than a page", async () => {
    const account: Account = { events: eventsOf(1_000) };
    account.onPage = (number) => {
      if (number === 3) {
        const late = Array.from({ length: 450 }, (_, at) => eventAt(86_000 + at / 2, `late-${at}`));
        account.events = [...account.events, ...late];
      }
    };
    const { code, ids } = await exportDay(await startEventServer(account), legacy);
    expect(code).toBe(0);
    expect(ids).toEqual(idsOf(account.events));
  });

  test.each(["a.csv", "a.csv.gz"])(
    "while it is interrupted make the resumed one start over: %s",
    async (out) => {
      const account: Account = { events: eventsOf(1_000) };
      const server = await startEventServer(account);
      const cwd = await newFolder();
      const args = [...legacy, "-o", out];
      await killAfterPages(server, account, 4, cwd, args);
      account.events = [...account.events, eventAt(80_000, "late")];
      const { code, ids } = await exportDay(server, [...args, "--resume"], { cwd });
      expect(code).toBe(0);
      expect(ids).toEqual(idsOf(account.events));
    },
  );

  test("are told from an event that the server has twice", async () => {
    const account: Account = {
      events: eventsOf(1_000).map((event, index) =>
        index === 100 ? { ...event, event_id: "e99" } : event,
      ),
    };
    const { code, ids, stderr } = await exportDay(await startEventServer(account), [
      ...legacy,
      "--quiet",
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^warning: SparkPost sent 1 event twice, where two pages meet/),
    });
    expect(ids).toEqual(idsOf(account.events));
  });
});

/** At whole seconds, so that some are where slices meet; one more at the end of the day. */
function eventsAtBorders(): ServedEvent[] {
  return Array.from({ length: 8_641 }, (_, index) => eventAt(86_400 - index * 10, `e${index}`));
}

/** Most events in one minute, so that slices are cut while they are fetched. */
function burst(): ServedEvent[] {
  return Array.from({ length: 4_000 }, (_, index) =>
    eventAt(index < 3_000 ? 40_000 - index / 100 : 39_000 - index, `e${index}`),
  );
}

describe("a server that takes the end of a range as inclusive", () => {
  test.each(["1", "4", "8"])("costs no event, and doubles none, with %s at once", async (most) => {
    for (const withId of [true, false]) {
      const account: Account = {
        events: eventsAtBorders(),
        inclusiveTo: true,
        show: withId ? undefined : ({ event_id, ...event }) => ({ ...event, subject: event_id }),
      };
      const server = await startEventServer(account);
      const { code, ids, stderr } = await exportDay(server, [
        "--concurrency",
        most,
        "-p",
        withId ? "event_id" : "subject",
      ]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).not.toMatch(/^(warning|note):/m);
      expect(stderr).toMatch(/✔ 8,640 events/);
      expect(ids).toEqual(idsOf(account.events).slice(1));
    }
  });

  test("goes on after an interruption", async () => {
    const account: Account = { events: eventsAtBorders(), inclusiveTo: true };
    const server = await startEventServer(account);
    const cwd = await newFolder();
    await killAfterPages(server, account, 20, cwd, ["-o", "a.csv"]);
    const { code, ids, stderr } = await exportDay(server, ["--resume"], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(ids).toEqual(idsOf(account.events).slice(1));
  });
});

describe("timestamps without a zone", () => {
  const zones = ["America/New_York", "Asia/Kolkata", "UTC"];

  test.each(zones)("are in UTC, whatever the machine's zone: %s", async (TZ) => {
    for (const events of [eventsAtBorders(), burst()]) {
      const account: Account = {
        events,
        show: (event) => ({ ...event, timestamp: event.timestamp.replace("Z", "") }),
      };
      const server = await startEventServer(account);
      for (const most of ["4", "8"]) {
        const { code, ids } = await exportDay(server, ["--concurrency", most], { more: { TZ } });
        expect(code).toBe(0);
        expect(ids).toEqual(idsOf(events).filter((id) => events.length < 8_641 || id !== "e0"));
      }
    }
  });

  test.each(zones)("are written with one: %s", async (TZ) => {
    const account: Account = {
      events: [eventAt(3_600, "a")],
      show: (event) => ({ ...event, timestamp: event.timestamp.replace("Z", "") }),
    };
    const { ids } = await exportDay(await startEventServer(account), ["-p", "timestamp"], {
      more: { TZ },
    });
    expect(ids).toEqual([`${day}T01:00:00.000Z`]);
  });

  test.each(zones)("from the legacy API are in the zone asked for: %s", async (TZ) => {
    const zone = "America/Caracas";
    const events = eventsOf(1_000).map((event) => ({
      ...event,
      timestamp: new Date(Date.parse(event.timestamp) + 4 * 3_600_000).toISOString(),
    }));
    const account: Account = {
      events,
      show: (event) => ({
        ...event,
        timestamp: DateTime.fromISO(event.timestamp, { zone }).toISO({ includeOffset: false }),
      }),
    };
    const { code, ids } = await exportDay(
      await startEventServer(account),
      [...legacy, "-z", zone, "-p", "timestamp,event_id"],
      { more: { TZ } },
    );
    expect(code).toBe(0);
    expect(ids).toEqual(
      events.map(
        ({ timestamp, event_id }) => `${DateTime.fromISO(timestamp, { zone }).toISO()},${event_id}`,
      ),
    );
  });
});

describe("a cursor that repeats the last event of the page before", () => {
  test.each(["1", "4"])("ends it with 5 where that is not counted, %s at once", async (most) => {
    for (const out of ["a.csv", "-"]) {
      const account: Account = { events: eventsOf(1_000), repeatsBorder: true };
      const { code, ids, files, stderr } = await exportDay(await startEventServer(account), [
        "--concurrency",
        most,
        "-o",
        out,
      ]);
      expect({ code, stderr }).toMatchObject({ code: 5 });
      expect(stderr).toMatch(
        /^error: The export is not right: SparkPost counts 1,000 events, but 1,010 arrived\.$/m,
      );
      expect(files).toEqual(out === "-" ? [] : ["a.csv.incomplete"]);
      expect(ids).toHaveLength(1_010);
    }
  });

  test("is said, in a quiet run too, where it is counted", async () => {
    const account: Account = {
      events: eventsOf(1_000),
      repeatsBorder: true,
      countsRepetitions: true,
    };
    const server = await startEventServer(account);
    const { code, ids, stderr } = await exportDay(server, ["--concurrency", "1", "--quiet"]);
    expect(code).toBe(0);
    expect(stderr).toBe(
      "warning: SparkPost sent 10 events twice, where two pages meet, and counts them twice too; they are in the file twice.\n",
    );
    expect(ids).toHaveLength(1_010);
  });

  test("is said of pages before and after an interruption", async () => {
    const account: Account = {
      events: eventsOf(1_000),
      repeatsBorder: true,
      countsRepetitions: true,
    };
    const server = await startEventServer(account);
    for (const out of ["a.csv", "a.csv.gz"]) {
      const cwd = await newFolder();
      const args = ["--concurrency", "1", "-o", out];
      await killAfterPages(server, account, 4, cwd, args);
      const { code, stderr } = await exportDay(server, [...args, "--resume"], { cwd });
      expect(code).toBe(0);
      expect(stderr).toMatch(/^warning: SparkPost sent 10 events twice/m);
    }
  });
});

describe("late events", () => {
  test.each(["1", "4", "8"])("that are in the file are no doubles, %s at once", async (most) => {
    const account: Account = { events: eventsOf(3_000) };
    account.onPage = (number) => {
      if (number === 2) {
        const late = [100, 200, 300].map((at) => eventAt(at + 0.5, `late-${at}`));
        account.events = [...account.events, ...late];
      }
    };
    const server = await startEventServer(account);
    const { code, ids, stderr } = await exportDay(server, ["--concurrency", most]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).not.toMatch(/^(warning|note):/m);
    expect(ids).toEqual(idsOf(account.events));
  });

  test("of a range that is not settled are no doubles, and doubles are still told", async () => {
    const now = Date.now();
    const account: Account = {
      events: Array.from({ length: 2_000 }, (_, index) => ({
        event_id: `e${index}`,
        timestamp: new Date(now - 600_000 - index * 1_500).toISOString(),
      })),
    };
    account.onPage = (number) => {
      if (number === 2) {
        const timestamp = new Date(now - 58 * 60_000).toISOString();
        account.events = [...account.events, { event_id: "late", timestamp }];
      }
    };
    const server = await startEventServer(account);
    for (const repeatsBorder of [false, true]) {
      account.repeatsBorder = repeatsBorder;
      const cwd = await newFolder();
      const { code, stderr } = await runCommand(
        ["2h", "5m", "--host", server.origin, "--per-page", "100", "-o", "a.csv"],
        { cwd, env },
      );
      expect(code).toBe(0);
      if (repeatsBorder) {
        expect(stderr).toMatch(/^warning: SparkPost sent \d+ events twice, where two pages meet/m);
      } else {
        expect(stderr).not.toMatch(/^(warning|note):/m);
      }
    }
  });
});
