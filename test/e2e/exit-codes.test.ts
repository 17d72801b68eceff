import { mkdir, open, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { day, dayAfter, dayBefore } from "../support/days.js";
import {
  json,
  page,
  type Reply,
  reset,
  silence,
  startScriptedServer,
} from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const events = [
  { type: "bounce", rcpt_to: "a@example.com" },
  { type: "click", rcpt_to: "b@example.com" },
];

async function runAgainst(replies: readonly Reply[], args: readonly string[] = []) {
  const server = await startScriptedServer(replies);
  const cwd = await newFolder();
  const result = await runCommand(
    [day, "--host", server.origin, "-p", "type,rcpt_to", "--concurrency", "1", ...args],
    {
      cwd,
      env: { SPARKPOST_API_KEY: key },
      launcher: "fast",
    },
  );
  return { ...result, cwd, server, files: await readdir(cwd) };
}

describe("exit code 0", () => {
  test("every event is in the file", async () => {
    const { code, files, cwd, server, stderr } = await runAgainst([page(events)]);
    expect({ code, files }).toEqual({
      code: 0,
      files: [`sparkpost-events_${day}_${day}.csv`],
    });
    expect(await readFile(join(cwd, files[0] ?? ""), "utf8")).toBe(
      "type,rcpt_to\nbounce,a@example.com\nclick,b@example.com\n",
    );
    expect(server.requests).toEqual([
      `/api/v1/events/message?cursor=initial&from=${day}T00%3A00%3A00Z&to=${dayAfter}T00%3A00%3A00Z&per_page=10000`,
    ]);
    expect(server.keys).toEqual([key]);
    expect(stderr).toMatch(`✔ 2 events in sparkpost-events_${day}_${day}.csv (54 bytes)`);
  });

  test("a range without events gives the header alone", async () => {
    const { code, cwd, files } = await runAgainst([page([])]);
    expect(code).toBe(0);
    expect(await readFile(join(cwd, files[0] ?? ""), "utf8")).toBe("type,rcpt_to\n");
  });
});

describe("exit code 1", () => {
  test("the disk is full", async () => {
    const { code, stderr } = await runAgainst([page(events)], ["-o", "/dev/full"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: Could not write /dev/full: the disk is full.\n" +
        "Make room, or name a file on another disk with --out. A name ending in .gz makes it much smaller, but not the pages that wait for their turn beside it.\n",
    );
  });

  test("the disk of a gzipped file, whose pages wait uncompressed, is full", async () => {
    const cwd = await newFolder();
    await symlink("/dev/full", join(cwd, "a.csv.gz"));
    const server = await startScriptedServer([page(events)]);
    const { code, stderr } = await runCommand(
      [day, "--host", server.origin, "--concurrency", "1", "-o", "a.csv.gz"],
      { cwd, env: { SPARKPOST_API_KEY: key } },
    );
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: Could not write a.csv.gz: the disk is full.\n" +
        "Make room, or name a file on another disk with --out. Pages wait for their turn beside it uncompressed; with --concurrency 1, fewest of them do.\n",
    );
  });

  test("the disk behind standard output is full", async () => {
    const server = await startScriptedServer([page(events)]);
    const full = await open("/dev/full", "w");
    const { code, stderr } = await runCommand(
      [day, "--host", server.origin, "--concurrency", "1", "-o", "-"],
      {
        cwd: await newFolder(),
        env: { SPARKPOST_API_KEY: key },
        stdout: full.fd,
      },
    );
    await full.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Could not write the output: the disk is full\.$/m);
  });
});

describe("exit code 2", () => {
  test.each<[string[], RegExp]>([
    [["2026-02-30"], /^error: from "2026-02-30"/],
    [[day, dayBefore], new RegExp(`^error: to "${dayBefore}" is not after from "${day}"`)],
    [["24h"], /^error: to is missing after from "24h"/],
    [
      [day, "-z", "Europe/Berln"],
      /^error: --timezone: Unknown time zone "Europe\/Berln"\.\nDid you mean Europe\/Berlin\?/,
    ],
    [[day, "--per-page", "10001"], /^error: --per-page: "10001" is not a number from 1 to 10000/],
    [[day, "--timeout", "60"], /^error: --timeout/],
    [
      [day, "--host", "http://api.sparkpost.com"],
      /^error: --host: .* would send the API key unencrypted/,
    ],
    [[day, "--config", "nowhere.ini"], /^error: Cannot read nowhere\.ini: there is no such file/],
    [[day, "--wrong"], /^error: unknown option '--wrong'/],
    [[day, "--out", "nowhere/a.csv"], /^error: The folder of nowhere\/a\.csv does not exist/],
    [[day, "--out", "."], /^error: \. is a folder/],
    [
      [day, "--api", "message-events", "--subjects", "x"],
      /^error: The legacy API \(--api message-events\) has no filter subjects/,
    ],
  ])("%j is refused before any request", async (args, message) => {
    const server = await startScriptedServer([page(events)]);
    const cwd = await newFolder();
    const host = args.includes("--host") ? [] : ["--host", server.origin];
    const { code, stdout, stderr } = await runCommand([...args, ...host], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.js:/);
    expect(server.requests).toEqual([]);
    expect(await readdir(cwd)).toEqual([]);
  });

  test("no arguments: what to write", async () => {
    const { code, stdout, stderr } = await runCommand([], { cwd: await newFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^ {2}sparky-events yesterday {2,}\w/m);
  });

  test("no API key", async () => {
    const { code, stderr } = await runCommand([day], { cwd: await newFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: There is no API key: .*\n.*sparky-events demo\n$/);
  });

  test("an existing file is neither replaced nor asked for", async () => {
    const server = await startScriptedServer([page(events)]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "a.csv"), "precious");
    const { code, stderr } = await runCommand(
      [day, "--host", server.origin, "--concurrency", "1", "-o", "a.csv"],
      {
        cwd,
        env: { SPARKPOST_API_KEY: key },
      },
    );
    expect(code).toBe(2);
    expect(stderr).toBe(
      "error: a.csv exists already.\nAdd --force to replace it, or name another file with --out.\n",
    );
    expect(server.requests).toEqual([]);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("precious");
  });

  test.each([400, 404, 414])("SparkPost rejects the request with %i", async (status) => {
    const { code, stderr, server, files } = await runAgainst([
      json(status, { errors: [{ message: "in its own words" }] }),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(`(${status}: in its own words)`);
    expect(server.requests).toHaveLength(1);
    expect(files).toEqual([]);
  });

  test("the legacy API of the public cloud is gone", async () => {
    const { code, stderr } = await runAgainst(
      [json(404, { errors: [{ message: "Resource could not be found" }] })],
      ["--api", "message-events"],
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/switched the legacy Message Events API off on 1 October 2019/);
  });
});

describe("exit code 3", () => {
  test.each([
    [401, /refused the API key \(401: Unauthorized\)/],
    [403, /does not allow this API key to search events \(403: Unauthorized\)/],
  ])("SparkPost refuses the key with %i", async (status, message) => {
    const { code, stderr, server, files } = await runAgainst([
      json(status, { errors: [{ message: "Unauthorized." }] }),
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(
      /The host asked was 127\.0\.0\.1:\d+\. US and EU accounts have different keys/,
    );
    expect(stderr.includes("Events Search: Read-only")).toBe(status === 403);
    expect(stderr).not.toContain(key);
    expect(server.requests).toHaveLength(1);
    expect(files).toEqual([]);
  });
});

describe("exit code 4", () => {
  test("SparkPost cannot be reached", async () => {
    const { origin, close } = await startScriptedServer([silence]);
    close();
    const cwd = await newFolder();
    const { code, stderr } = await runCommand([day, "--host", origin, "--give-up-after", "1m"], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
      launcher: "fast",
    });
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^error: 127\.0\.0\.1:\d+ could not be reached for 1 min \(\d+ tries\): the connection was refused\.$/m,
    );
    expect(await readdir(cwd)).toEqual([]);
  });

  test("SparkPost keeps failing in the middle of an export", async () => {
    const { code, stderr, files } = await runAgainst(
      [page(events, { totalCount: 4, next: "/api/v1/events/message?cursor=2" }), json(503, {})],
      ["--give-up-after", "1m"],
    );
    expect(code).toBe(4);
    expect(stderr).toMatch(/kept failing for 1 min \(\d+ tries\): status 503: \{\}\.$/m);
    expect(stderr).toMatch(/\.csv\.partial; the same command with --resume goes on from there\.$/m);
    expect(files).toEqual([`sparkpost-events_${day}_${day}.csv.partial`]);
  });

  test("SparkPost accepts connections and says nothing", async () => {
    const { code, stderr } = await runAgainst(
      [silence],
      ["--timeout", "0.2s", "--give-up-after", "1m"],
    );
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /could not be reached for 1 min \(\d+ tries\): no answer for 0\.2 s\.$/m,
    );
  });

  test("connections are reset", async () => {
    const { code, stderr } = await runAgainst([reset], ["--give-up-after", "1m"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/could not be reached for 1 min \(\d+ tries\): the connection was/);
  });
});

describe("exit code 5", () => {
  test("a paging that ends early keeps what arrived, under a name that says so", async () => {
    const { code, stderr, files, cwd } = await runAgainst([page(events, { totalCount: 20_000 })]);
    const kept = `sparkpost-events_${day}_${day}.csv.incomplete`;
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^error: The export is not complete: SparkPost counted 20,000 events, but only 2 arrived\.$/m,
    );
    expect(stderr).toContain(`What arrived is in ${kept}.`);
    expect(files).toEqual([kept]);
    expect(await readFile(join(cwd, kept), "utf8")).toMatch(/^type,rcpt_to\nbounce,/);
  });

  test("an existing file stays as it is, even with --force", async () => {
    const server = await startScriptedServer([page(events, { totalCount: 3 })]);
    const cwd = await newFolder();
    await writeFile(join(cwd, "a.csv"), "precious");
    const { code } = await runCommand(
      [day, "--host", server.origin, "--concurrency", "1", "-o", "a.csv", "--force"],
      {
        cwd,
        env: { SPARKPOST_API_KEY: key },
      },
    );
    expect(code).toBe(5);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("precious");
  });

  test.each([
    [240, ".csv"],
    [242, ".csv"],
    [243, ".csv"],
    [244, ".gz"],
  ])(
    "a name of %i letters and %s does not hide it, and is kept as far as it fits",
    async (length, ending) => {
      const name = "x".repeat(length) + ending;
      const { code, stderr, files } = await runAgainst(
        [page(events, { totalCount: 3 })],
        ["-o", name],
      );
      const kept = `${name.slice(0, 255 - ".incomplete".length)}.incomplete`;
      expect({ code, files }).toEqual({ code: 5, files: [kept] });
      expect(stderr).toContain(`What arrived is in ${kept}.`);
    },
  );

  test("a folder of that name does not hide it", async () => {
    const server = await startScriptedServer([page(events, { totalCount: 3 })]);
    const cwd = await newFolder();
    await mkdir(join(cwd, "a.csv.incomplete", "mine"), { recursive: true });
    await mkdir(join(cwd, "a-2.csv.incomplete"));
    const kept = ["a.csv.2.incomplete", "a-2.csv.2.incomplete"];
    for (const [split, names] of [
      ["0", kept.slice(0, 1)],
      ["1", kept],
    ] as const) {
      const { code, stderr } = await runCommand(
        [day, "--host", server.origin, "--concurrency", "1", "-o", "a.csv", "--split-rows", split],
        { cwd, env: { SPARKPOST_API_KEY: key } },
      );
      expect(code).toBe(5);
      expect(stderr).toContain(names.at(-1));
      const files = (await readdir(cwd)).filter((name) => !/^a(-2)?\.csv\.incomplete$/.test(name));
      expect(files.sort()).toEqual([...names].sort());
    }
  });

  test("on standard output the exit code tells", async () => {
    const { code, stdout } = await runAgainst([page(events, { totalCount: 3 })], ["-o", "-"]);
    expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 5, lines: 4 });
  });
});

describe("exit codes 130 and 143", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s ends the command, and leaves no file that looks complete",
    async (signal, expected) => {
      let onAsked: () => void;
      const asked = new Promise<void>((resolve) => {
        onAsked = resolve;
      });
      const server = await startScriptedServer([
        page(events, { totalCount: 4, next: "/api/v1/events/message?cursor=2" }),
        () => onAsked(),
      ]);
      const cwd = await newFolder();
      await writeFile(join(cwd, "a.csv"), "precious");
      const command = startCommand(
        [day, "--host", server.origin, "--concurrency", "1", "-o", "a.csv", "--force"],
        {
          cwd,
          env: { SPARKPOST_API_KEY: key },
        },
      );
      await asked;
      expect(await readdir(cwd)).toHaveLength(2);
      command.process.kill(signal);
      const { code, stderr } = await command.finished;
      expect(code).toBe(expected);
      expect(stderr).toMatch(
        signal === "SIGINT" ? /^error: Interrupted\.$/m : /^error: Stopped by SIGTERM\.$/m,
      );
      expect(await readdir(cwd)).toEqual(["a.csv", "a.csv.partial"]);
      expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("precious");
    },
  );

  test("before the first page, nothing at all is left", async () => {
    let onAsked: () => void;
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const server = await startScriptedServer([() => onAsked()]);
    const cwd = await newFolder();
    const command = startCommand([day, "--host", server.origin], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
    });
    await asked;
    command.process.kill("SIGINT");
    expect((await command.finished).code).toBe(130);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("exit code 141", () => {
  test("a reader that goes away is met with silence", async () => {
    const many = Array.from({ length: 10_000 }, () => ({ type: "x".repeat(200) }));
    const next = (cursor: number) => `/api/v1/events/message?cursor=${cursor}`;
    const server = await startScriptedServer([
      page(many, { totalCount: 40_000, next: next(2) }),
      page(many, { totalCount: 40_000, next: next(3) }),
      page(many, { totalCount: 40_000, next: next(4) }),
      page(many, { totalCount: 40_000 }),
    ]);
    const command = startCommand(
      [day, "--host", server.origin, "--concurrency", "1", "-o", "-", "-q"],
      {
        cwd: await newFolder(),
        env: { SPARKPOST_API_KEY: key },
      },
    );
    command.process.stdout?.once("data", () => command.process.stdout?.destroy());
    const { code, stderr } = await command.finished;
    expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  });
});
