import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { CsvFormat } from "../../src/csv/csv-layout.js";
import { ArchiveFixture, eventAt, eventsFrom, key } from "../support/archive.js";
import { type Account, startEventServer } from "../support/event-server.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { page, startScriptedServer, text } from "../support/scripted-server.js";

const night = "2026-11-20T01:15:00Z";

function tenDays() {
  return ArchiveFixture.start(night, eventsFrom("2026-11-01T00:30:00Z", "2026-11-30T00:00:00Z"));
}

function days(first: number, last: number, ending = ".csv"): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, index) => `2026-11-${String(first + index).padStart(2, "0")}${ending}`,
  );
}

/** An archive of two days, of which nothing is about to leave SparkPost. */
async function twoDays() {
  const archive = await tenDays();
  const { code, stderr } = await archive.sync("--days", "2");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return archive;
}

describe("a new archive", () => {
  test("holds every whole day that SparkPost has, and says so in its manifest", async () => {
    const archive = await tenDays();
    const { code, stdout, stderr } = await archive.sync();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr.split("\n").at(-2)).toBe("✔ sparkpost-events: 9 files, 216 events; 9 exported");
    expect(await archive.files()).toEqual([...days(11, 19), "manifest.json"]);
    const csv = await archive.read("2026-11-19.csv");
    expect(csv).toBe(archive.csv("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"));
    const { files, schema, ...manifest } = await archive.manifest();
    expect(manifest).toEqual({ version: 1, since: "2026-11-11T00:00:00Z", acceptedGaps: [] });
    expect(schema).toMatchObject({ origin: archive.origin, zone: "UTC", events: [], filters: {} });
    expect(files["2026-11-19.csv"]).toEqual({
      from: "2026-11-19T00:00:00Z",
      to: "2026-11-20T00:00:00Z",
      rows: 24,
      bytes: csv.length,
      sha256: createHash("sha256").update(csv).digest("hex"),
      totalCount: 24,
      exportedAt: expect.stringMatching(/^2026-11-20T01:15:\d\dZ$/),
      state: "complete",
      toolVersion: "0.1.0",
    });
  });

  test("begins with fewer days where that is asked for", async () => {
    const archive = await twoDays();
    expect(await archive.files()).toEqual([...days(18, 19), "manifest.json"]);
  });

  test("is left as it is when there is nothing new", async () => {
    const archive = await twoDays();
    const before = await archive.manifest();
    const { code, stderr } = await archive.sync("--days", "2");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "✔ sparkpost-events: 2 files, 48 events; nothing new\n",
    });
    expect(await archive.manifest()).toEqual(before);
  });

  test("grows by a day each night, and past SparkPost's ten days", async () => {
    const archive = await tenDays();
    for (const date of ["20", "22", "25", "27"]) {
      archive.now = `2026-11-${date}T01:15:00Z`;
      expect((await archive.sync("-q")).code).toBe(0);
    }
    expect(await archive.files()).toEqual([...days(11, 26), "manifest.json"]);
  });

  test("leaves nothing behind where the key is refused", async () => {
    const archive = await tenDays();
    const run = archive.run(archive.args([]), { SPARKPOST_API_KEY: "unauthorized" });
    expect((await run).code).toBe(3);
    expect(await readdir(archive.cwd)).toEqual([]);
  });
});

describe("a day that is there already", () => {
  test("is exported again when events came in late", async () => {
    const archive = await twoDays();
    archive.events = [...archive.events, eventAt("2026-11-18T12:34:56Z")];
    const { code, stderr } = await archive.sync("--days", "2");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^2026-11-18: 25 events, 1 more than before/m);
    expect(await archive.read("2026-11-18.csv")).toBe(
      archive.csv("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z"),
    );
  });

  test("stays as it is when SparkPost has less, with exit code 5", async () => {
    const archive = await twoDays();
    const csv = await archive.read("2026-11-18.csv");
    archive.events = archive.events.filter(
      ({ timestamp }) => !timestamp.startsWith("2026-11-18T0"),
    );
    const { code, stderr } = await archive.sync("--days", "2", "-q");
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^error: 2026-11-18: SparkPost has 14 of its 24 events now; the file stays as it is\.\nerror: SparkPost's counts do not fit 1 file: 2026-11-18\.$/m,
    );
    expect(await archive.read("2026-11-18.csv")).toBe(csv);
  });

  test("stays as it is as it leaves SparkPost, with a mere notice", async () => {
    const archive = await twoDays();
    const csv = await archive.read("2026-11-18.csv");
    for (const [date, minimum] of [
      ["27", 24],
      ["28", 22],
      ["29", 0],
    ] as const) {
      archive.now = `2026-11-${date}T01:45:00Z`;
      const { code, stderr } = await archive.sync();
      expect(code).toBe(0);
      expect(stderr.includes(`2026-11-18: SparkPost has ${minimum} of its 24 events now`)).toBe(
        minimum === 22,
      );
    }
    expect(await archive.read("2026-11-18.csv")).toBe(csv);
  });

  test.each(["2026-11-27T23:30:00Z", "2026-11-28T00:20:00Z", "2026-11-28T01:15:00Z"])(
    "stays as it is when events come in late as it leaves SparkPost, with exit code 5: %s",
    async (now) => {
      const archive = await twoDays();
      const csv = await archive.read("2026-11-18.csv");
      const late = ["08:00:01", "08:00:02", "08:00:03"];
      archive.events = [...archive.events, ...late.map((time) => eventAt(`2026-11-18T${time}Z`))];
      archive.now = now;
      const { code, stderr } = await archive.sync("-q");
      expect({ code, stderr }).toEqual({
        code: 5,
        stderr: expect.stringMatching(
          /^error: 2026-11-18: at least \d events? came in late, .*; the file stays as it is\.\nerror: SparkPost's counts do not fit 1 file: 2026-11-18\.$/m,
        ),
      });
      expect(await archive.read("2026-11-18.csv")).toBe(csv);
      expect((await archive.manifest()).files["2026-11-18.csv"]?.rows).toBe(24);
    },
  );

  test("is not replaced by an export with fewer rows", async () => {
    const archive = await twoDays();
    const manifest = await archive.manifest();
    // As if the file had been exported before the end of the day, and SparkPost had lost events since.
    const file = manifest.files["2026-11-19.csv"];
    if (file) {
      file.state = "partial";
    }
    await writeFile(join(archive.folder, "manifest.json"), JSON.stringify(manifest));
    const csv = await archive.read("2026-11-19.csv");
    archive.events = archive.events.filter(
      ({ timestamp }) => !timestamp.startsWith("2026-11-19T0"),
    );
    const { code, stderr } = await archive.sync("--days", "2");
    expect(code).toBe(5);
    expect(stderr).toMatch(/2026-11-19: SparkPost has 14 of its 24 events now; the file stays/);
    expect(await archive.read("2026-11-19.csv")).toBe(csv);
    expect((await readdir(join(archive.folder, ".sync"))).sort()).toEqual(["manifest.json"]);
  });

  test.each([
    ["one byte is another", (csv: string) => csv.replace("24", "25")],
    ["it is cut", (csv: string) => csv.slice(0, 100)],
    ["it is empty", () => ""],
  ])("is reported and exported again when %s", async (_, damage) => {
    const archive = await twoDays();
    const csv = await archive.read("2026-11-18.csv");
    const damaged = damage(csv.replace(/e\d+\n/, "e24\n"));
    await writeFile(join(archive.folder, "2026-11-18.csv"), damaged);
    const { code, stderr } = await archive.sync("--days", "2");
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: sparkpost-events\/2026-11-18\.csv is not the file that was written\.$/m,
    );
    expect(await archive.read("2026-11-18.csv")).toBe(csv);
  });

  test("is exported again when its file is gone", async () => {
    const archive = await twoDays();
    await rm(join(archive.folder, "2026-11-18.csv"));
    expect((await archive.sync("--days", "2")).code).toBe(0);
    expect(await archive.files()).toEqual([...days(18, 19), "manifest.json"]);
  });
});

describe("a damaged file that SparkPost no longer has", () => {
  test("is reported until that is accepted, and never deleted", async () => {
    const archive = await twoDays();
    await truncate(join(archive.folder, "2026-11-18.csv"), 100);
    archive.now = "2026-11-29T01:15:00Z";
    const { code, stderr } = await archive.sync();
    expect(code).toBe(6);
    expect(stderr).toMatch(/^error: .* missing from sparkpost-events: 2026-11-18 \(damaged\)\.$/m);
    expect((await archive.sync("--accept-gaps")).code).toBe(0);
    expect((await archive.sync("-q")).code).toBe(0);
    expect((await stat(join(archive.folder, "2026-11-18.csv"))).size).toBe(100);
  });
});

describe("the manifest", () => {
  test.each([
    ["lost", () => undefined, /^warning: The manifest of sparkpost-events was lost, and has been/m],
    [
      "cut",
      (text: string) => text.slice(0, 300),
      /^warning: The manifest of sparkpost-events was damaged \(it is not whole JSON\).* is in sparkpost-events\/manifest\.json\.damaged\.$/m,
    ],
  ])("is made again when it is %s", async (_, damage, warning) => {
    const archive = await twoDays();
    const manifest = await archive.manifest();
    const path = join(archive.folder, "manifest.json");
    const damaged = damage(await archive.read("manifest.json"));
    await (damaged === undefined ? rm(path) : writeFile(path, damaged));
    const { code, stderr } = await archive.sync("--days", "2");
    expect(code).toBe(0);
    expect(stderr).toMatch(warning);
    expect(await archive.manifest()).toEqual(manifest);
  });

  test.each([[], ["--gzip"], ["--layout", "hive"], ["--excel"]])(
    "is made from the files where its copy is lost too, with %j",
    async (...options) => {
      const archive = await tenDays();
      expect((await archive.sync("--days", "2", ...options)).code).toBe(0);
      const manifest = await archive.manifest();
      await rm(join(archive.folder, "manifest.json"));
      await rm(join(archive.folder, ".sync"), { recursive: true });
      const { code, stderr } = await archive.sync("--days", "2", ...options);
      expect(code).toBe(0);
      expect(stderr).not.toMatch(/export/);
      const unknown = { totalCount: null, exportedAt: expect.any(String), toolVersion: null };
      expect(await archive.manifest()).toEqual({
        ...manifest,
        files: Object.fromEntries(
          Object.entries(manifest.files).map(([name, file]) => [name, { ...file, ...unknown }]),
        ),
      });
    },
  );

  test("of a later version is left alone", async () => {
    const archive = await twoDays();
    await writeFile(join(archive.folder, "manifest.json"), '{"version":2}');
    const { code, stderr } = await archive.sync();
    expect(code).toBe(2);
    expect(stderr).toMatch(/manifest\.json was written by a later version/);
  });

  test("does not lead out of the folder", async () => {
    const archive = await twoDays();
    const manifest = await archive.manifest();
    const [file] = Object.values(manifest.files);
    const precious = join(archive.cwd, "2026-11-01.csv");
    await writeFile(precious, "precious");
    const files = {
      ...manifest.files,
      "../2026-11-01.csv": { ...file, from: "2026-11-01T00:00:00Z" },
    };
    const text = JSON.stringify({ ...manifest, files });
    await writeFile(join(archive.folder, "manifest.json"), text);
    expect((await archive.sync("--days", "2", "--keep", "5")).code).toBe(0);
    expect(await readFile(precious, "utf8")).toBe("precious");
  });
});

describe("days that were missed", () => {
  test("are fetched while SparkPost has them", async () => {
    const archive = await twoDays();
    archive.now = "2026-11-27T01:15:00Z";
    expect((await archive.sync("--days", "1")).code).toBe(0);
    expect(await archive.files()).toEqual([...days(18, 26), "manifest.json"]);
  });

  test("are gaps when it has not, until they are accepted", async () => {
    const archive = await tenDays();
    archive.now = "2026-11-12T01:15:00Z";
    expect((await archive.sync("--days", "1")).code).toBe(0);
    archive.now = "2026-11-24T01:15:00Z";
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await archive.sync();
      expect(code).toBe(6);
      expect(stderr).toMatch(
        /^error: SparkPost no longer has what is missing from sparkpost-events: 2026-11-12, 2026-11-13, 2026-11-14 \(in part\)\.$/m,
      );
    }
    // What is left of the day that is leaving is better than nothing.
    const { files } = await archive.manifest();
    expect(files["2026-11-14.csv"]).toMatchObject({ rows: 23, state: "partial" });
    expect(await archive.files()).toEqual(["2026-11-11.csv", ...days(14, 23), "manifest.json"]);

    const accepting = await archive.sync("--accept-gaps");
    expect(accepting.code).toBe(0);
    expect(accepting.stderr).toMatch(/^note: Accepted gaps: 2026-11-12, 2026-11-13, 2026-11-14/m);
    expect((await archive.manifest()).acceptedGaps).toEqual([
      "2026-11-12",
      "2026-11-13",
      "2026-11-14",
    ]);
    expect((await archive.sync("-q")).code).toBe(0);
  });
});

describe("the day that is not over", () => {
  test("is left out, and so is one that has not settled", async () => {
    const archive = await tenDays();
    archive.now = "2026-11-20T00:14:00Z";
    await archive.sync("--days", "2");
    expect(await archive.files()).toEqual(["2026-11-18.csv", "manifest.json"]);
    await archive.sync("--days", "2", "--settle", "10m");
    expect(await archive.files()).toEqual([...days(18, 19), "manifest.json"]);
  });

  test("is added with --include-today, and replaced by the next run", async () => {
    const archive = await tenDays();
    archive.now = "2026-11-19T12:00:00Z";
    await archive.sync("--days", "1", "--include-today");
    const { files } = await archive.manifest();
    expect(files["2026-11-19.csv"]).toMatchObject({
      to: expect.stringMatching(/^2026-11-19T12:00:\d\dZ$/),
      rows: 12,
      state: "partial",
    });
    archive.now = "2026-11-19T18:00:00Z";
    await archive.sync("--days", "1", "--include-today");
    expect((await archive.manifest()).files["2026-11-19.csv"]?.rows).toBe(18);
    archive.now = night;
    expect((await archive.sync("--days", "1")).code).toBe(0);
    expect((await archive.manifest()).files["2026-11-19.csv"]).toMatchObject({
      to: "2026-11-20T00:00:00Z",
      rows: 24,
      state: "complete",
    });
  });
});

describe("other settings than those of the folder", () => {
  test.each([
    [["-p", "event_id"], /^ {2}columns: timestamp, event_id in the folder, event_id now$/m],
    [["-e", "bounce"], /^ {2}event types: all in the folder, bounce now$/m],
    [["--subjects", "a,b"], /^ {2}filters: none in the folder, subjects a, b now$/m],
    [["-z", "Europe/Berlin"], /^ {2}time zone: UTC in the folder, Europe\/Berlin now$/m],
    [["--csv-delimiter", ";"], /^ {2}CSV format: delimiter "," in the folder, delimiter ";" now$/m],
    [["--gzip"], /^ {2}gzip: no in the folder, yes now$/m],
    [["--by", "hour"], /^ {2}period: day in the folder, hour now$/m],
    [["--layout", "hive"], /^ {2}layout: flat in the folder, hive now$/m],
  ])("are refused: %j", async (options, difference) => {
    const archive = await twoDays();
    const before = await archive.files();
    const { code, stderr } = await archive.sync(...options);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: sparkpost-events holds files that were exported with other settings:$/m,
    );
    expect(stderr).toMatch(difference);
    expect(stderr).toMatch(/add --new-schema to begin anew in sparkpost-events\/2;/);
    expect(await archive.files()).toEqual(before);
  });

  test("are noticed by the names of the files where the manifest is lost", async () => {
    const archive = await twoDays();
    await rm(join(archive.folder, "manifest.json"));
    await rm(join(archive.folder, ".sync"), { recursive: true });
    const other = await archive.sync("--gzip");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/gzip: no in the folder, yes now/);
    const columns = await archive.sync("-p", "event_id");
    expect(columns.code).toBe(2);
    expect(columns.stderr).toMatch(/2026-11-18\.csv has other columns than the files of this/);
  });

  test("do not count where an earlier version knew nothing of quotes", async () => {
    const archive = await tenDays();
    await archive.sync("--days", "1", "--excel", "--no-escape-formulas");
    const path = join(archive.folder, "manifest.json");
    const { schema, ...manifest } = await archive.manifest();
    const { quoteText, ...format } = schema.format as CsvFormat;
    expect(quoteText).toBe(true);
    await writeFile(path, JSON.stringify({ ...manifest, schema: { ...schema, format } }));
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await archive.sync("--days", "2", "--excel", "--no-escape-formulas");
      expect(code, stderr).toBe(0);
      expect((await archive.manifest()).schema).toEqual({ ...schema, format });
    }
    expect(await archive.read("2026-11-18.csv")).toMatch(/^\ufefftimestamp,event_id\r\n/);
    expect((await archive.sync("--excel")).stderr).toMatch(
      /^ {2}CSV format: escapeFormulas false in the folder, escapeFormulas true now$/m,
    );
  });

  test("begin a generation of their own with --new-schema", async () => {
    const archive = await twoDays();
    const csv = await archive.read("2026-11-18.csv");
    const other = ["--days", "1", "-p", "event_id"];
    for (let run = 0; run < 2; run++) {
      expect((await archive.sync(...other, "--new-schema")).code).toBe(0);
    }
    archive.now = "2026-11-21T01:15:00Z";
    expect((await archive.sync(...other)).code).toBe(0);
    expect(await archive.files()).toEqual([
      "2/2026-11-19.csv",
      "2/2026-11-20.csv",
      "2/manifest.json",
      ...days(18, 19),
      "manifest.json",
    ]);
    expect(await archive.read("2026-11-18.csv")).toBe(csv);
    expect((await archive.sync()).code).toBe(2);
  });
});

describe("layouts", () => {
  test("--gzip", async () => {
    const archive = await tenDays();
    await archive.sync("--days", "1", "--gzip");
    expect(await archive.files()).toEqual(["2026-11-19.csv.gz", "manifest.json"]);
    const csv = gunzipSync(await readFile(join(archive.folder, "2026-11-19.csv.gz"))).toString();
    expect(csv).toBe(archive.csv("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"));
  });

  test("hive", async () => {
    const archive = await tenDays();
    await archive.sync("--days", "1", "--layout", "hive");
    expect(await archive.files()).toEqual(["date=2026-11-19/events.csv.gz", "manifest.json"]);
  });

  test.each([
    [
      [],
      [
        "2026-10-25T01.csv",
        "2026-10-25T02+0100.csv",
        "2026-10-25T02+0200.csv",
        "2026-10-25T03.csv",
      ],
    ],
    [
      ["--layout", "hive", "--no-gzip"],
      [
        "date=2026-10-25/hour=01/events.csv",
        "date=2026-10-25/hour=02/events+0100.csv",
        "date=2026-10-25/hour=02/events+0200.csv",
        "date=2026-10-25/hour=03/events.csv",
      ],
    ],
  ])("by the hour, on the day that has 25 of them, with %j", async (options, expected) => {
    const archive = await ArchiveFixture.start(
      "2026-10-25T03:20:00Z",
      eventsFrom("2026-10-23T00:00:00Z", "2026-10-26T00:00:00Z", 10),
    );
    const by = ["--by", "hour", "--days", "1", "-z", "Europe/Berlin", "--timestamp-format", "raw"];
    expect((await archive.sync(...by, ...options)).code).toBe(0);
    const files = await archive.files();
    // 24 hours of the day before, 1 from midnight, 4 of those above.
    expect(files.length).toBe(24 + 1 + 4 + 1);
    expect(files.filter((name) => expected.includes(name))).toEqual(expected);
    expect(await archive.read(expected[2] ?? "")).toBe(
      archive.csv("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
    );
    expect((await archive.manifest()).files[expected[1] ?? ""]).toMatchObject({
      from: "2026-10-25T01:00:00Z",
      to: "2026-10-25T02:00:00Z",
      rows: 6,
    });
    expect((await archive.sync(...by, ...options)).stderr).toMatch(/nothing new/);
  });
});

describe("--keep", () => {
  test("deletes what is older, of what the manifest lists", async () => {
    const archive = await tenDays();
    await archive.sync("--layout", "hive");
    const foreign = "date=2026-11-12/notes.txt";
    await writeFile(join(archive.folder, foreign), "mine");
    const { code, stderr } = await archive.sync("--layout", "hive", "--keep", "3");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Deleted 6 files older than --keep: 2026-11-11, /m);
    const kept = ["17", "18", "19"].map((date) => `date=2026-11-${date}/events.csv.gz`);
    expect(await archive.files()).toEqual([foreign, ...kept, "manifest.json"]);
    expect(await readdir(archive.folder)).not.toContain("date=2026-11-11");
    // Neither a gap, nor fetched again as long as they are not to be kept.
    expect((await archive.sync("--layout", "hive", "--keep", "3")).stderr).toMatch(/nothing new/);
  });
});

describe("one run at a time", () => {
  test("a second one is refused, and leaves the first alone", async () => {
    const archive = await ArchiveFixture.start(
      night,
      eventsFrom("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z"),
      300,
    );
    const hooks = await startScriptedServer([text(200, "ok")]);
    const second = ["--days", "2"];
    for (const hook of ["ok", "fail"]) {
      second.push(`--hook-${hook}`, `${hooks.origin}/${hook}`);
    }
    const first = archive.start(archive.args(["--days", "2"]));
    while (
      !(await readdir(join(archive.folder, ".sync")).catch((): string[] => [])).includes("lock")
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const busy = await archive.sync(...second);
    expect(busy.code).toBe(75);
    expect(busy.stderr).toMatch(
      /^note: Another sparky-events is writing sparkpost-events at this moment\.\nWait for it\./m,
    );
    const logged = await archive.sync(...second, "--log-format", "json");
    expect(logged.code).toBe(75);
    expect(JSON.parse(logged.stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({
      level: "notice",
      event: "busy",
      message: "Another sparky-events is writing sparkpost-events at this moment.",
      exitCode: 75,
    });
    // The other one does the work, and tells how that went: cron has no reason to send a mail.
    expect(await archive.sync(...second, "--quiet")).toMatchObject({ code: 75, stderr: "" });
    expect(hooks.requests).toEqual([]);
    expect((await first.finished).code).toBe(0);
  });
});

describe("an interruption", () => {
  async function slow() {
    const archive = await ArchiveFixture.start(
      night,
      eventsFrom("2026-11-17T00:00:00Z", "2026-11-20T00:00:00Z", 5),
      20,
    );
    return { archive, args: archive.args(["--days", "3", "--per-page", "50"]) };
  }

  test(`by kill -9 at any moment does no harm (SEED=${seed})`, async () => {
    const random = randomNumbers(seed);
    const { archive, args } = await slow();
    for (let crash = 0; crash < times(4, 12); crash++) {
      await archive.crash(args, 1 + random(100));
    }
    expect((await archive.run(args)).code).toBe(0);
    expect(await archive.files()).toEqual([...days(17, 19), "manifest.json"]);
    for (const [index, name] of days(17, 19).entries()) {
      const from = Date.UTC(2026, 10, 17 + index);
      const to = new Date(from + 864e5).toISOString();
      expect(await archive.read(name)).toBe(archive.csv(new Date(from).toISOString(), to));
    }
    expect(await readdir(join(archive.folder, ".sync"))).toEqual(["manifest.json"]);
    expect((await archive.status("--verify")).code).toBe(0);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s leaves what a later run goes on from", async (signal, expected) => {
    const { archive, args } = await slow();
    const run = archive.start(args);
    while (!(await readdir(join(archive.folder, ".sync")).catch(() => [])).some(isPartial)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    run.process.kill(signal);
    expect((await run.finished).code).toBe(expected);
    expect((await archive.run(args)).code).toBe(0);
    expect((await archive.status("--verify")).code).toBe(0);
  });

  test.each([
    ["before the file got its name", true],
    ["before the manifest was written", false],
  ])("%s is made good", async (_, before) => {
    const archive = await twoDays();
    const { files, ...manifest } = await archive.manifest();
    const { "2026-11-19.csv": record, ...others } = files;
    const work = join(archive.folder, ".sync");
    const text = JSON.stringify({ ...manifest, files: others });
    await writeFile(join(archive.folder, "manifest.json"), text);
    await writeFile(join(work, "2026-11-19.put.json"), JSON.stringify(record));
    if (before) {
      const csv = await archive.read("2026-11-19.csv");
      await rm(join(archive.folder, "2026-11-19.csv"));
      await writeFile(join(work, "2026-11-19.new"), csv);
    }
    const { stderr } = await archive.sync("--days", "2");
    expect(stderr).toMatch(/^✔ .* nothing new$/m);
    expect((await archive.manifest()).files).toEqual(files);
    expect(await readdir(work)).toEqual(["manifest.json"]);
  });
});

function isPartial(name: string): boolean {
  return name.endsWith(".partial");
}

test("events that came in after an interruption are not left out", async () => {
  const archive = await ArchiveFixture.start(
    night,
    eventsFrom("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z", 5),
    20,
  );
  const args = archive.args(["--days", "1", "--per-page", "50", "--concurrency", "1"]);
  const run = archive.start(args);
  const journal = join(archive.folder, ".sync", "2026-11-19.new.partial", "journal");
  while (!(await readFile(journal, "utf8").catch(() => "")).includes('"type":"page"')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  run.process.kill("SIGKILL");
  await run.finished;
  archive.events = [...archive.events, eventAt("2026-11-19T23:59:30Z")];
  expect((await archive.run(args)).code).toBe(0);
  expect(await archive.read("2026-11-19.csv")).toBe(
    archive.csv("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"),
  );
});

test("a day of which fewer events arrive than were counted is missing, and the others are there", async () => {
  const event = { type: "click", event_id: "1", timestamp: "2026-11-18T12:00:00Z" };
  const server = await startScriptedServer([
    page([event], { totalCount: 2 }),
    page([{ ...event, timestamp: "2026-11-19T12:00:00Z" }]),
  ]);
  const archive = await ArchiveFixture.start(night, []);
  const { code, stderr } = await archive.run([
    ...["sync", "--host", server.origin, "--days", "2", "--concurrency", "1", "-p", "event_id"],
  ]);
  expect(code).toBe(5);
  expect(stderr).toMatch(/^error: 2026-11-18: The export is not complete: .* The next run tries/m);
  expect(await archive.files()).toEqual(["2026-11-19.csv", "manifest.json"]);
});

describe("a day whose pages share events", () => {
  const options = ["--days", "1", "--concurrency", "1", "--per-page", "10", "-p", "event_id"];
  const events = eventsFrom("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z");

  test("that are not counted is missing, and the next run tries again", async () => {
    const account: Account = { events, repeatsBorder: true };
    const { origin } = await startEventServer(account);
    const archive = await ArchiveFixture.start(night, []);
    const args = ["sync", "--host", origin, ...options];
    const { code, stderr } = await archive.run(args);
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^error: 2026-11-19: The export is not right: SparkPost counts 24 events, but 26 arrived\. The next run tries again\.$/m,
    );
    expect(await archive.files()).toEqual([]);
    account.repeatsBorder = false;
    expect((await archive.run(args)).code).toBe(0);
    expect(await archive.files()).toEqual(["2026-11-19.csv", "manifest.json"]);
  });

  test("that are counted is there, with a warning", async () => {
    const account: Account = { events, repeatsBorder: true, countsRepetitions: true };
    const { origin } = await startEventServer(account);
    const archive = await ArchiveFixture.start(night, []);
    const { code, stderr } = await archive.run(["sync", "--host", origin, ...options]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: 2026-11-19: SparkPost sent 2 events twice, where two pages meet; they are in the file twice\.$/m,
    );
    expect(await archive.files()).toEqual(["2026-11-19.csv", "manifest.json"]);
  });
});

describe("hooks", () => {
  async function hooked(status = 200) {
    const archive = await tenDays();
    const server = await startScriptedServer([text(status, "")]);
    const hooks = [
      "--hook-ok",
      `${server.origin}/ok?secret`,
      "--hook-fail",
      `${server.origin}/fail`,
    ];
    return { archive, server, hooks };
  }

  test("tell how a run went, without the key", async () => {
    const { archive, server, hooks } = await hooked();
    expect((await archive.sync("--days", "1", ...hooks)).code).toBe(0);
    expect((await archive.sync("--days", "x", ...hooks)).code).toBe(2);
    const refused = archive.run(archive.args(hooks), { SPARKPOST_API_KEY: "unauthorized" });
    expect((await refused).code).toBe(3);
    expect((await archive.run(archive.args(hooks), {})).code).toBe(2);
    expect(server.requests).toEqual(["/ok?secret", "/fail", "/fail", "/fail"]);
    expect(server.keys).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("that fail are tried twice, and fail nothing", async () => {
    const { archive, server, hooks } = await hooked(500);
    const { code, stderr } = await archive.sync("--days", "1", ...hooks);
    expect(code).toBe(0);
    expect(server.requests).toEqual(["/ok?secret", "/ok?secret"]);
    expect(stderr).toMatch(/^warning: --hook-ok \(127\.0\.0\.1:\d+\): it answered with 500\.$/m);
    expect(stderr).not.toMatch(/secret/);
  });

  test("come from the ini file too", async () => {
    const { archive, server } = await hooked();
    await writeFile(
      join(archive.cwd, "sparkpost.ini"),
      `[SparkPost]\nAuthorization = ${key}\nHookOk = ${server.origin}/ini\nGzip = yes\nSettle = 2h\n`,
      { mode: 0o600 },
    );
    expect((await archive.run(archive.args(["--days", "2"]), {})).code).toBe(0);
    expect(server.requests).toEqual(["/ini"]);
    expect(await archive.files()).toEqual(["2026-11-18.csv.gz", "manifest.json"]);
  });
});

describe("--log-format json", () => {
  test("writes an object per line", async () => {
    const archive = await tenDays();
    const { code, stderr } = await archive.sync("--days", "1", "--log-format", "json");
    expect(code).toBe(0);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event, level }) => [event, level])).toEqual([
      ["started", "info"],
      ["exporting", "info"],
      ["exported", "info"],
      ["finished", "info"],
    ]);
    expect(lines[2]).toMatchObject({
      time: expect.stringMatching(/^2026-11-20T01:15:\d\d\.\d{3}Z$/),
      name: "2026-11-19",
      rows: 24,
      path: "sparkpost-events/2026-11-19.csv",
    });
  });

  test("has failures too", async () => {
    const archive = await twoDays();
    const { code, stderr } = await archive.sync("-p", "type", "--log-format", "json");
    expect(code).toBe(2);
    expect(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      level: "error",
      event: "failed",
      message: expect.stringMatching(/other settings/),
      hint: expect.stringMatching(/--new-schema/),
      exitCode: 2,
    });
  });
});

test.each([
  [["--days", "11"], /^error: --days: "11" is not a number from 1 to 10\./m],
  [["--by", "week"], /^error: --by: "week" is not one of day, hour\.\nLeave it out for day\.$/m],
  [["--layout", "x"], /^error: --layout: "x" is not one of flat, hive\./m],
  [["--keep", "0"], /^error: --keep: "0" is not a number from 1 to/m],
  [["--settle", "15"], /^error: --settle "15" has no unit\./m],
  [["--hook-ok", "example.com/x"], /^error: --hook-ok is not the address of a web page\./m],
  [["--log-format", "xml"], /^error: --log-format: "xml" is not one of text, json\./m],
  [["file"], /^error: file is no folder\./m],
])("%j is refused", async (options, message) => {
  const archive = await tenDays();
  await writeFile(join(archive.cwd, "file"), "");
  const { code, stderr } = await archive.sync(...options);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test("a folder with other things in it is not disturbed", async () => {
  const archive = await tenDays();
  await mkdir(archive.folder);
  await writeFile(join(archive.folder, "2026-11-19.txt"), "mine");
  await mkdir(join(archive.folder, "7"));
  expect((await archive.sync("--days", "1")).code).toBe(0);
  expect(await archive.files()).toEqual(["2026-11-19.csv", "2026-11-19.txt", "manifest.json"]);
});
