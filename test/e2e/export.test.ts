import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { day, dayAfter, dayBefore } from "../support/days.js";
import { times } from "../support/random-numbers.js";
import { expectedRecords, startTestSandbox } from "../support/sandbox.js";
import { cut, json, page, reset, startScriptedServer, text } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };

function parseFile(file: Buffer | string): string[][] {
  return parse(file, { record_delimiter: "\n" });
}

function isoMinute(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16)}Z`;
}

describe("against the simulator", () => {
  const columns = [
    "timestamp",
    "type",
    "event_id",
    "rcpt_to",
    "subject",
    "customer_id",
    "subaccount_id",
    "amp_enabled",
    "user_agent",
    "user_agent_parsed",
    "geo_ip",
    "rcpt_meta",
    "rcpt_tags",
    "raw_reason",
    "target_link_url",
    "no_such_property",
  ];

  const many = times(20_000, 200_000);

  test(`${many} events arrive cell by cell, through rate limits, errors, resets and cut bodies`, async () => {
    const { source, origin } = await startTestSandbox(many, { failRate: 0.3, rateLimit: 20 });
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(
      [
        "10d",
        "now",
        "--host",
        origin,
        "-p",
        columns.join(","),
        "-o",
        "all.csv",
        "--per-page",
        `${many / 40}`,
      ],
      { cwd, env, launcher: "fast" },
    );
    expect(stderr).toMatch(/retries after waiting/);
    expect(code).toBe(0);
    expect(await readdir(cwd)).toEqual(["all.csv"]);
    const [header, ...records] = parseFile(await readFile(join(cwd, "all.csv")));
    expect(header).toEqual(columns);
    const expected = expectedRecords(source, columns);
    expect(records.length).toBe(expected.length);
    // One comparison of everything would take minutes to print its difference.
    const wrong = expected.findIndex(
      (record, index) => record.join("\0") !== records[index]?.join("\0"),
    );
    expect(records[wrong]).toEqual(expected[wrong]);
  }, 180_000);

  test("the same bytes go to a file, a gzipped file and standard output", async () => {
    const { source, origin, now } = await startTestSandbox(3_000);
    const cwd = await newFolder();
    const to = isoMinute(now - 60_000);
    const run = (...args: string[]) =>
      runCommand(
        [isoMinute(now - 864e6 + 36e5), to, "--host", origin, "--per-page", "700", "-q", ...args],
        { cwd, env },
      );
    const [file, gzip, stdout] = await Promise.all([
      run("-o", "a.csv"),
      run("-o", "a.csv.gz"),
      run("-o", "-"),
    ]);
    expect([file, gzip, stdout].map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    const plain = await readFile(join(cwd, "a.csv"), "utf8");
    expect(gunzipSync(await readFile(join(cwd, "a.csv.gz"))).toString("utf8")).toBe(plain);
    expect(stdout.stdout).toBe(plain);
    expect(parseFile(plain).length).toBeGreaterThan(source.length / 2);
  });

  test.runIf(process.platform === "linux")(
    "the same bytes come where there are few addresses, as on shared hosting, or SSE 4.1 is missing",
    async () => {
      const { origin, now } = await startTestSandbox(5_000);
      const range = [isoMinute(now - 5 * 864e5), isoMinute(now - 60_000)];
      const cwd = await newFolder();
      for (const [index, limits] of [
        {},
        { addressSpace: 6_000_000 },
        { addressSpace: 20_000_000 },
        { nodeOptions: process.arch === "x64" ? ["--no-enable-sse4-1"] : [] },
      ].entries()) {
        const { code, stderr } = await runCommand(
          [...range, "--host", origin, "-q", "-o", `${index}.csv`],
          { cwd, env, ...limits },
        );
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      }
      const [first = "", ...others] = await Promise.all(
        (await readdir(cwd)).map((name) => readFile(join(cwd, name), "utf8")),
      );
      expect(first.length).toBeGreaterThan(100_000);
      expect(others).toEqual([first, first, first]);
    },
  );

  test("the legacy API gives the events of the same range, with times in the zone", async () => {
    const { source, origin, now } = await startTestSandbox(3_000);
    const cwd = await newFolder();
    const from = Math.floor(now / 6e4) * 6e4 - 48 * 36e5;
    const to = from + 24 * 36e5;
    const { code, stdout } = await runCommand(
      [
        isoMinute(from),
        isoMinute(to - 6e4),
        "--host",
        origin,
        "--api",
        "message-events",
        "-p",
        "event_id,timestamp",
        "-z",
        "Asia/Tokyo",
        "--per-page",
        "100",
        "-o",
        "-",
      ],
      { cwd, env },
    );
    expect(code).toBe(0);
    const [, ...records] = parseFile(stdout);
    const expected = expectedRecords(source, ["event_id", "timestamp"], (index) => {
      const time = source.timestampOf(index);
      return time >= from && time < to;
    });
    expect(expected.length).toBeGreaterThan(100);
    expect(records.map(([id]) => id)).toEqual(expected.map(([id]) => id));
    expect(records.every(([, time]) => time?.endsWith("+09:00"))).toBe(true);
    expect(records.map(([, time]) => Date.parse(time ?? ""))).toEqual(
      expected.map(([, time]) => Date.parse(time ?? "")),
    );
  });

  test("filters reach the API, with dashes or underscores, from the ini file too", async () => {
    const { source, origin } = await startTestSandbox(5_000);
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nEvents = bounce\nBounceClasses = 10");
    const run = (...args: string[]) =>
      runCommand(["10d", "now", "--host", origin, "-p", "type,bounce_class", "-o", "-", ...args], {
        cwd,
        env,
      });
    const expected = (wanted: string) =>
      expectedRecords(source, ["type", "bounce_class"]).filter(
        ([type, bounceClass]) => type === "bounce" && bounceClass === wanted,
      );
    expect(expected("10").length).toBeGreaterThan(0);
    expect(parseFile((await run()).stdout).slice(1)).toEqual(expected("10"));
    expect(parseFile((await run("--bounce_classes", "51")).stdout).slice(1)).toEqual(
      expected("51"),
    );
    expect(parseFile((await run("--bounce-classes=51")).stdout).slice(1)).toEqual(expected("51"));
  });

  test("--dry-run prints the range in UTC, the events and the requests, and writes nothing", async () => {
    const { source, origin } = await startTestSandbox(1_000);
    const cwd = await newFolder();
    const { code, stdout } = await runCommand(
      [day, "-z", "America/Bogota", "--host", origin, "--dry-run", "--per-page", "10"],
      { cwd, env },
    );
    const count = expectedRecords(source, ["timestamp"], (index) => {
      const time = source.timestampOf(index);
      return time >= Date.parse(`${day}T05:00Z`) && time < Date.parse(`${dayAfter}T05:00Z`);
    }).length;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${day}T05:00:00Z to ${dayAfter}T05:00:00Z (end excluded)\n${count} events, ${Math.max(1, Math.ceil(count / 10))} requests\n`,
    });
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("every kind of broken answer on the way", () => {
  test("costs nothing but time, and each page is written once", async () => {
    const path = "/api/v1/events/message";
    const events = (name: string) => [
      { type: name, n: 1 },
      { type: name, n: 2 },
    ];
    const whole = JSON.stringify({ results: events("b"), total_count: 6, links: {} });
    const server = await startScriptedServer([
      text(502, "<html><body>Bad gateway</body></html>"),
      page(events("a"), { totalCount: 6, next: `${path}?cursor=2` }),
      json(429, { errors: [{ message: "Too many requests" }] }, { "retry-after": "2" }),
      reset,
      cut(whole),
      text(200, whole.slice(0, -20)),
      json(200, { errors: [{ message: "Could not proceed" }] }),
      text(200, ""),
      page(events("b"), { totalCount: 6, next: `${path}?cursor=3` }),
      text(503, ""),
      page(events("c"), { totalCount: 6 }),
    ]);
    const { code, stdout, stderr } = await runCommand(
      [day, "--concurrency", "1", "--host", server.origin, "-p", "type,n", "-o", "-"],
      { cwd: await newFolder(), env, launcher: "fast" },
    );
    expect(stdout).toBe("type,n\na,1\na,2\nb,1\nb,2\nc,1\nc,2\n");
    expect(code).toBe(0);
    expect(stderr).toMatch(/11 requests, 8 retries after waiting/);
    expect(server.requests).toHaveLength(11);
    expect(new Set(server.keys)).toEqual(new Set([key]));
  });
});

describe("the count", () => {
  const late = { results: [{ type: "a" }], links: { next: "/api/v1/events/message?cursor=2" } };

  test("may grow while the last minutes are exported; that is said", async () => {
    const server = await startScriptedServer([
      json(200, { ...late, total_count: 2 }),
      page([{ type: "b" }], { totalCount: 5 }),
    ]);
    const { code, stderr } = await runCommand(
      ["1h", "now", "--concurrency", "1", "--host", server.origin, "-o", "-"],
      {
        cwd: await newFolder(),
        env,
      },
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: 3 events came in while the export ran/m);
  });

  test.each(["1", "4"])(
    "that is not reached in the last minutes means that events are missing, %s at once",
    async (concurrency) => {
      const server = await startScriptedServer([page([{ type: "a" }], { totalCount: 2 })]);
      const { code } = await runCommand(
        ["1h", "now", "--concurrency", concurrency, "--host", server.origin, "-o", "-"],
        { cwd: await newFolder(), env },
      );
      expect(code).toBe(5);
    },
  );

  test("that grows in a range that has ended means that events are missing", async () => {
    const server = await startScriptedServer([
      json(200, { ...late, total_count: 2 }),
      page([{ type: "b" }], { totalCount: 5 }),
    ]);
    const { code } = await runCommand(
      [day, "--concurrency", "1", "--host", server.origin, "-o", "-"],
      {
        cwd: await newFolder(),
        env,
      },
    );
    expect(code).toBe(5);
  });
});

describe("the ini file", () => {
  const ini = (origin: string) =>
    `[SparkPost]\nAuthorization = ${key}\nHost = ${origin}\nEvents =\nProperties = type,\n    rcpt_to\nTimezone = Africa/Lagos\n`;

  test("of the older tool works as it is", async () => {
    const server = await startScriptedServer([page([{ type: "a", rcpt_to: "b" }])]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), ini(server.origin), { mode: 0o600 });
    const { code, stdout, stderr } = await runCommand([`${day}T00:00`, `${day}T23:59`, "-o", "-"], {
      cwd,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "type,rcpt_to\na,b\n" });
    expect(stderr).not.toContain("warning");
    expect(server.requests[0]).toContain(`from=${dayBefore}T23%3A00%3A00Z&to=${day}T23%3A00%3A00Z`);
    expect(new Set(server.keys)).toEqual(new Set([key]));
  });

  test("is looked for in the configuration folder too", async () => {
    const server = await startScriptedServer([page([{ type: "a" }])]);
    const cwd = await newFolder();
    for (const [folder, env] of [
      [".config/sparky-events", {}],
      ["xdg/sparky-events", { XDG_CONFIG_HOME: join(cwd, "xdg") }],
    ] as const) {
      await mkdir(join(cwd, folder), { recursive: true });
      await writeFile(join(cwd, folder, "sparkpost.ini"), ini(server.origin), { mode: 0o600 });
      const { code } = await runCommand([day, "-o", "-"], { cwd, env });
      expect(code).toBe(0);
    }
    expect(server.requests).toHaveLength(4);
  });

  test("that others can read is warned of", async () => {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), ini(server.origin));
    await chmod(join(cwd, "sparkpost.ini"), 0o644);
    const { code, stderr } = await runCommand([day, "-o", "-"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: sparkpost\.ini holds the API key and can be read by others\. .*chmod 600 sparkpost\.ini$/m,
    );
  });

  test("with a key that is not known is warned of", async () => {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "my.ini"), `${ini(server.origin)}Timezones = UTC\n`, { mode: 0o600 });
    const { stderr } = await runCommand([day, "-o", "-", "-c", "my.ini"], { cwd });
    expect(stderr).toMatch(
      /^warning: my\.ini, line 8: there is no setting Timezones; it is ignored\. Did you mean Timezone\?$/m,
    );
  });

  test("the example is an ini file that lacks nothing but the key", async () => {
    const cwd = await newFolder();
    const example = await readFile(new URL("../../sparkpost.example.ini", import.meta.url));
    await writeFile(join(cwd, "sparkpost.ini"), example);
    const { code, stderr } = await runCommand([day], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error: sparkpost.ini holds no API key.\n" +
        "Write Authorization = <your key> below [SparkPost], or set SPARKPOST_API_KEY.\n",
    });
    const server = await startScriptedServer([page([])]);
    const { stderr: messages } = await runCommand([day, "--host", server.origin], { cwd, env });
    expect(messages).not.toContain("warning");
  });
});

describe("the output file", () => {
  test("has a name made of the two ends, on any system", async () => {
    const { origin } = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    for (const range of [
      [day],
      [dayBefore, day],
      [`${day}T08`, `${day}T09:30`],
      [`${day}T08:30+02:00`, `${day}T10:30:15Z`],
    ]) {
      const { code } = await runCommand([...range, "--host", origin], { cwd, env });
      expect(code).toBe(0);
    }
    expect((await readdir(cwd)).sort()).toEqual([
      `sparkpost-events_${dayBefore}_${day}.csv`,
      `sparkpost-events_${day}T08-30+02-00_${day}T10-30-15Z.csv`,
      `sparkpost-events_${day}T08_${day}T09-30.csv`,
      `sparkpost-events_${day}_${day}.csv`,
    ]);
  });

  test("replaces an existing one with --force, through a symbolic link", async () => {
    const { origin } = await startScriptedServer([page([{ type: "a" }])]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "real.csv"), "old");
    await symlink("real.csv", join(cwd, "link.csv"));
    const { code } = await runCommand(
      [day, "--host", origin, "-p", "type", "-o", "link.csv", "--force"],
      { cwd, env },
    );
    expect(code).toBe(0);
    expect(await readFile(join(cwd, "real.csv"), "utf8")).toBe("type\na\n");
    expect((await readdir(cwd)).sort()).toEqual(["link.csv", "real.csv"]);
  });

  test("that appears while the export runs is left alone, and the export is kept", async () => {
    const cwd = await newFolder();
    const { origin } = await startScriptedServer([
      (request, response) => {
        writeFile(join(cwd, "a.csv"), "precious").then(() =>
          page([{ type: "a" }])(request, response),
        );
      },
    ]);
    const { code, stderr } = await runCommand(
      [day, "--host", origin, "-p", "type", "-o", "a.csv"],
      { cwd, env },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: a\.csv appeared while the export ran, and was left alone\.$/m);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("precious");

    await rename(join(cwd, "a.csv"), join(cwd, "b.csv"));
    const again = await runCommand(
      [day, "--host", origin, "-p", "type", "-o", "a.csv", "--resume"],
      { cwd, env },
    );
    expect(again.code).toBe(0);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("type\na\n");
    expect((await readdir(cwd)).sort()).toEqual(["a.csv", "b.csv"]);
  });
});

describe("messages", () => {
  test("off a terminal have no control characters, and no colours", async () => {
    const { origin } = await startTestSandbox(2_000, { failRate: 0.5 });
    const { code, stderr } = await runCommand(
      ["10d", "now", "--host", origin, "-o", "-", "--per-page", "100", "-v"],
      { cwd: await newFolder(), env, launcher: "fast" },
    );
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur.
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(stderr).toMatch(/^GET \/api\/v1\/events\/message: .* in /m);
    expect(stderr).not.toContain("cursor=");
  });

  test("are errors only with --quiet", async () => {
    const { origin } = await startScriptedServer([text(503, ""), page([{ type: "a" }])]);
    const cwd = await newFolder();
    await writeFile(
      join(cwd, "sparkpost.ini"),
      `[SparkPost]\nAuthorization=${key}\nHost=${origin}\nX=1`,
      { mode: 0o644 },
    );
    const { code, stdout, stderr } = await runCommand(["1h", "now", "-q", "-o", "a.csv"], {
      cwd,
      launcher: "fast",
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("never hold the API key", async () => {
    const { origin } = await startScriptedServer([
      (request, response) =>
        text(400, `you sent ${request.headers.authorization}`)(request, response),
    ]);
    const cwd = await newFolder();
    await writeFile(
      join(cwd, "sparkpost.ini"),
      `[SparkPost]\nAuthorization=${key}\nHost=${origin}`,
      { mode: 0o600 },
    );
    for (const flag of ["-v", "-q"]) {
      const { code, stdout, stderr } = await runCommand([day, flag], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("you sent [API key]");
      expect(stdout + stderr).not.toContain(key);
    }
  });

  test.skipIf(spawnSync("script", ["--version"]).status !== 0)(
    "on a terminal show a bar that is gone in the end, and the reason of a wait",
    async () => {
      const { origin } = await startScriptedServer([
        page([{ type: "a" }], { totalCount: 2, next: "/api/v1/events/message?cursor=2" }),
        text(429, "", { "retry-after": "200" }),
        page([{ type: "b" }], { totalCount: 2 }),
      ]);
      const cwd = await newFolder();
      const launcher = new URL("../support/fast-clock.js", import.meta.url).pathname;
      const command = `${process.execPath} ${launcher} ${day} --host ${origin} -o a.csv --concurrency 1`;
      const run = (extra: Record<string, string>) =>
        spawnScript(command, cwd, { ...env, TERM: "xterm", ...extra });
      const colored = await run({});
      expect(colored).toMatch(/50% · waiting \d+ s: rate limit \(429: Too many requests\)/);
      expect(colored).toContain("\u001b[32m✔\u001b[0m");
      // The cursor that the bar hid is back.
      expect(colored.lastIndexOf("\u001b[?25h")).toBeGreaterThan(
        colored.lastIndexOf("\u001b[?25l"),
      );
    },
  );
});

async function spawnScript(
  command: string,
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  const { spawn } = await import("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.on("close", () => resolve(output));
  });
}

test("a signal ends an export whose reader does not read", async () => {
  const many = Array.from({ length: 10_000 }, () => ({ type: "x".repeat(500) }));
  const { origin } = await startScriptedServer([page(many)]);
  const command = startCommand([day, "--host", origin, "-o", "-"], { cwd: await newFolder(), env });
  command.process.stdout?.once("readable", () => {
    command.process.stdout?.pause();
    command.process.kill("SIGINT");
    setImmediate(() => command.process.stdout?.resume());
  });
  expect((await command.finished).code).toBe(130);
});
