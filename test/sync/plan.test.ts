import fc from "fast-check";
import { IANAZone } from "luxon";
import { describe, expect, test } from "vitest";
import { type PlanInput, planDeletions, planSync } from "../../src/sync/plan.js";
import { times } from "../support/random-numbers.js";

const hour = 36e5;
const day = 24 * hour;
const retention = 10 * day;
const now = Date.parse("2026-11-20T01:15:00Z");

const input: PlanInput = {
  now,
  zone: IANAZone.create("UTC"),
  by: "day",
  settle: 15 * 60_000,
  retention,
  days: 10,
  includeUnfinished: false,
  granularity: "second",
  adds: false,
  since: undefined,
  records: new Map(),
  conditions: new Map(),
  counts: new Map(),
  interrupted: new Set(),
};

function record(name: string, more: { rows?: number; to?: string; state?: "partial" } = {}) {
  const from = Date.parse(name);
  return [
    name,
    {
      from,
      to: more.to ? Date.parse(more.to) : from + day,
      rows: more.rows ?? 100,
      state: more.state ?? "complete",
    },
  ] as const;
}

function stepsOf(more: Partial<PlanInput>): Record<string, string> {
  return Object.fromEntries(
    planSync({ ...input, ...more }).map(({ period, step }) => [
      period.name,
      "reason" in step ? `${step.action} ${step.reason}` : step.action,
    ]),
  );
}

test("a new archive begins with the first day that is there as a whole", () => {
  const steps = stepsOf({});
  expect(Object.keys(steps)).toEqual(
    Array.from({ length: 10 }, (_, index) => `2026-11-${11 + index}`),
  );
  expect(steps["2026-11-11"]).toBe("export missing");
  expect(steps["2026-11-19"]).toBe("export missing");
  expect(steps["2026-11-20"]).toBe("none");
});

test("fewer days can be asked for", () => {
  expect(Object.keys(stepsOf({ days: 2 }))).toEqual(["2026-11-18", "2026-11-19", "2026-11-20"]);
});

test("what was missed since the archive began is mended whatever days are asked for", () => {
  const records = new Map([record("2026-11-14")]);
  const steps = stepsOf({ days: 1, since: Date.parse("2026-11-14"), records });
  expect(steps["2026-11-14"]).toBe("count");
  expect(steps["2026-11-15"]).toBe("export missing");
});

describe("a day", () => {
  test("is complete when it has settled, and not before", () => {
    const settled = { days: 1, settle: hour + 15 * 60_000 };
    expect(stepsOf(settled)["2026-11-19"]).toBe("export missing");
    expect(stepsOf({ ...settled, now: now - 1 })["2026-11-19"]).toBe("none");
  });

  test("that is not over is exported where that is asked for", () => {
    expect(stepsOf({ days: 1, includeUnfinished: true })).toEqual({
      "2026-11-19": "export missing",
      "2026-11-20": "export unfinished",
    });
  });

  test.each([
    [undefined, "count"],
    [100, "none"],
    [101, "export grown"],
    [99, "keep"],
  ])("that is there, while SparkPost counts %s of 100", (count, step) => {
    const records = new Map([record("2026-11-19")]);
    const counts = new Map(count === undefined ? [] : [["2026-11-19", count]]);
    expect(stepsOf({ days: 1, records, counts })["2026-11-19"]).toBe(step);
  });

  test.each([
    ["2026-11-19", false],
    ["2026-11-11", false],
    ["2026-11-10", true],
  ])("of %s has fewer by its age: %s", (name, explained) => {
    const records = new Map([record(name)]);
    const counts = new Map([[name, 99]]);
    const plan = planSync({ ...input, since: Date.parse(name), records, counts });
    expect(plan.find(({ period }) => period.name === name)?.step).toEqual({
      action: "keep",
      count: 99,
      explained,
    });
  });

  test.each<[string, string | undefined, "damaged" | undefined, string]>([
    // 2026-11-10 has begun to leave at 01:15.
    ["2026-11-12", undefined, undefined, "export missing"],
    ["2026-11-10", undefined, undefined, "export missing"],
    ["2026-11-09", undefined, undefined, "gap missing"],
    ["2026-11-12", "2026-11-12T12:00:00Z", undefined, "export partial"],
    ["2026-11-10", "2026-11-10T12:00:00Z", undefined, "gap partial"],
    ["2026-11-09", "2026-11-09T12:00:00Z", undefined, "gap partial"],
    ["2026-11-12", "2026-11-13T00:00:00Z", "damaged", "export damaged"],
    ["2026-11-10", "2026-11-11T00:00:00Z", "damaged", "gap damaged"],
    ["2026-11-09", "2026-11-10T00:00:00Z", "damaged", "gap damaged"],
    ["2026-11-09", "2026-11-10T00:00:00Z", undefined, "none"],
  ])("%s with a file until %s, %s: %s", (name, to, condition, step) => {
    const records = new Map(to ? [record(name, { to })] : []);
    const steps = stepsOf({
      since: Date.parse("2026-11-01"),
      records,
      conditions: new Map(condition ? [[name, condition]] : []),
      counts: new Map([[name, 100]]),
    });
    expect(steps[name]).toBe(step);
  });

  test("whose file is gone is exported again, or a gap", () => {
    const names = ["2026-11-05", "2026-11-15"];
    const steps = stepsOf({
      since: Date.parse("2026-11-05"),
      records: new Map(names.map((name) => record(name))),
      conditions: new Map(names.map((name) => [name, "absent"])),
    });
    expect(names.map((name) => steps[name])).toEqual(["gap missing", "export missing"]);
  });

  test("that is partly gone is exported again where SparkPost still has more than the file", () => {
    const records = new Map([record("2026-11-10", { state: "partial" })]);
    const steps = (count: number) =>
      stepsOf({
        since: Date.parse("2026-11-10"),
        records,
        counts: new Map([["2026-11-10", count]]),
      });
    expect(steps(101)["2026-11-10"]).toBe("export grown");
    expect(steps(99)["2026-11-10"]).toBe("gap partial");
  });

  test("that is leaving is not exported again for what came in late, but does not fit", () => {
    // Shortly before the first events leave, and while they do: 01:15.
    for (const at of [now - 2 * hour, now]) {
      const name = "2026-11-10";
      const records = new Map([record(name)]);
      const counts = new Map([[name, 101]]);
      const plan = planSync({ ...input, now: at, since: Date.parse(name), records, counts });
      expect(plan.find(({ period }) => period.name === name)?.step).toEqual({
        action: "keep",
        count: 101,
        explained: false,
      });
    }
  });

  test("that is leaving is exported again for what came in late where nothing is replaced by it", () => {
    const name = "2026-11-10";
    const steps = stepsOf({
      adds: true,
      since: Date.parse(name),
      records: new Map([record(name)]),
      counts: new Map([[name, 101]]),
    });
    expect(steps[name]).toBe("export grown");
  });

  test("of which an interrupted run has events goes on, however old it is", () => {
    const steps = stepsOf({
      since: Date.parse("2026-11-05"),
      interrupted: new Set(["2026-11-06"]),
    });
    expect([steps["2026-11-05"], steps["2026-11-06"]]).toEqual(["gap missing", "export missing"]);
  });
});

test("files are deleted when they are as old as asked for, and are no gaps then", () => {
  const names = ["2026-11-01", "2026-11-12", "2026-11-13", "2026-11-19"];
  const records = new Map(names.map((name) => record(name)));
  const kept = { ...input, since: Date.parse("2026-11-01"), records, keep: 7 * day };
  const plan = planSync(kept);
  expect(plan[0]?.period.name).toBe("2026-11-13");
  expect(planDeletions(kept, plan)).toEqual(["2026-11-01", "2026-11-12"]);
});

/** A run at each of the times, by a machine that exports all that it is told to. */
function simulate(times: readonly number[], zone: IANAZone, by: "day" | "hour") {
  const records = new Map<
    string,
    { from: number; to: number; rows: number; state: "complete" | "partial" }
  >();
  let since: number | undefined;
  let gaps: string[] = [];
  for (const at of times) {
    const state = { ...input, now: at, zone, by, since, records };
    const counts = new Map([...records].map(([name, { rows }]) => [name, rows]));
    for (const { period, step } of planSync({ ...state, counts })) {
      if (step.action === "export") {
        const whole = period.from >= at - retention;
        records.set(period.name, { ...period, rows: 1, state: whole ? "complete" : "partial" });
        counts.set(period.name, 1);
        since = Math.min(since ?? period.from, period.from);
      }
    }
    gaps = planSync({ ...state, since, counts }).flatMap(({ period, step }) =>
      step.action === "gap" ? [period.name] : [],
    );
  }
  return { records, gaps, since };
}

const zones = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"];

test.each(["day", "hour"] as const)("each %s is whole, or a gap that no run could help", (by) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones.map((name) => IANAZone.create(name))),
      fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }),
      fc.array(fc.integer({ min: 60_000, max: 14 * day }), { minLength: 1, maxLength: 6 }),
      (zone, start, pauses) => {
        let time = start;
        const times = pauses.map((pause) => (time += pause));
        const { records, gaps, since } = simulate(times, zone, by);
        const last = times.at(-1) ?? 0;
        const all = planSync({ ...input, now: last, zone, by, since, counts: new Map() });
        for (const { period } of all) {
          const { from, to, name } = period;
          const settled = times.filter((at) => at >= to + input.settle);
          if (settled.length === 0) {
            expect(records.has(name)).toBe(false);
            continue;
          }
          const couldHave = settled.some((at) => from >= at - retention);
          const outcome = { name, whole: records.get(name)?.state === "complete" };
          expect({ ...outcome, gap: gaps.includes(name) }).toEqual({
            name,
            whole: couldHave,
            gap: !couldHave,
          });
        }
      },
    ),
    { numRuns: by === "day" ? times(40, 100) : times(5, 10) },
  );
});
