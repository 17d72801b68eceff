import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";

describe("on the command line", () => {
  test.each([
    ["sandbx", "There is no command sandbx.\nDid you mean sparky-events sandbox?"],
    ["chek", "There is no command chek.\nDid you mean sparky-events check?"],
    [
      "yesterdy",
      'from "yesterdy" is not a time in a form that is known here.\nDid you mean yesterday?',
    ],
    ["1w now", 'from "1w" is not a duration.\nWrite 7d.'],
    ["7days now", 'from "7days" is not a duration.\nWrite 7d.'],
    ["yesterday --timeout 5sec", '--timeout "5sec" is not a duration.\nWrite 5s.'],
    [
      "2026-11-19 8:00",
      'to "8:00" is a time without a date.\nIf 2026-11-19 8:00 is one time, join the two with a T: 2026-11-19T08:00.',
    ],
    [
      "2026-11-19 08:00 2026-11-19 09:00",
      "Two times are expected, from and to, and there are 4 arguments: 2026-11-19 08:00 2026-11-19 09:00\nJoin date and time with a T, without a space: 2026-11-19T08:00",
    ],
    [
      "today today today",
      "Two times are expected, from and to, and there are 3 arguments: today today today\nFor example: sparky-events 2026-11-17 2026-11-19. A value that contains spaces needs quotes.",
    ],
    ["yesterday --tz UTC", "unknown option '--tz'\n(Did you mean --timezone?)"],
    ["yesterday --columns type", "unknown option '--columns'\n(Did you mean --properties?)"],
    ["yesterday --evnts bounce", "unknown option '--evnts'\n(Did you mean --events?)"],
    [
      "yesterday --api-key=0123456789abcdef",
      "option '--api-key' is unknown, or takes no value\nThe key does not belong on a command line, where others can read it: put it into sparkpost.ini or SPARKPOST_API_KEY.",
    ],
    [
      "yesterday --from 2026-11-19",
      "unknown option '--from'\nTimes are written without an option: sparky-events 2026-11-17 2026-11-19",
    ],
    ["-1d now", "unknown option '-1d'\nSo long ago is written without a dash: 1d"],
    [
      "yesterday -z --quiet",
      "--timezone has no value: the option --quiet follows it.\nWrite -z, --timezone <ZONE>.",
    ],
    ["yesterday --host eu", '--host: "eu" is a region, not a host.\nWrite api.eu.sparkpost.com.'],
    [
      "yesterday --host https://api.sparkpost.com/api/v1",
      '--host: "https://api.sparkpost.com/api/v1" has a path; only the host is wanted.\nWrite api.sparkpost.com instead.',
    ],
    [
      "yesterday -o x.csv.xls",
      "--out: x.csv.xls would not be a .xls file; this tool writes CSV, JSON lines (.jsonl), workbooks (.xlsx) and Parquet (.parquet).\nWrite x.xlsx, which spreadsheets open, or x.csv.",
    ],
    [
      `yesterday -o ${"x".repeat(248)}`,
      `The name of ${"x".repeat(248)} is too long.\nWrite a shorter one: while the export runs, .partial stands behind it.`,
    ],
    [
      "yesterday -o no/x.csv",
      "The folder of no/x.csv does not exist.\nCreate it first, or name another file with --out.",
    ],
    [
      "sandbox --prt 1",
      "unknown option '--prt'\n(Did you mean --port?)\nRun sparky-events sandbox --help for what it takes.",
    ],
  ])("%s", async (args, message) => {
    const cwd = await newFolder();
    const { code, stdout, stderr } = await runCommand(args.split(" "), {
      cwd,
      env: { SPARKPOST_API_KEY: "key" },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replace(/\nRun sparky-events --help .*/, "")).toBe(`error: ${message}\n`);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("in the ini file", () => {
  const head = "[SparkPost]\n";
  test.each([
    [
      "[SparkPots]\nAuthorization = a",
      "line 1: there is no section [SparkPots].\nWrite [SparkPost].",
    ],
    [
      "[SparkPost\nHost = a",
      'line 1: "[SparkPost" is not a setting.\nIf it is a section, end it with a ]: [SparkPost]',
    ],
    [
      `${head}Authorization abc`,
      'line 2: "Authorization …" is not a setting.\nWrite Name = value.',
    ],
    [`${head}0123456789abcdef`, 'line 2: "0123456789ab…" is not a setting.\nWrite Name = value.'],
    [
      `${head}Authorization = "0123456789abcdef"`,
      "line 2: Authorization does not look like an API key.\nRemove the quotes.",
    ],
    [
      `${head}Authorization = Bearer 0123456789abcdef`,
      'line 2: Authorization does not look like an API key.\nLeave out "Bearer": the key stands alone.',
    ],
    [
      `${head}Authorization = <your key>`,
      "line 2: Authorization does not look like an API key.\nWrite your own key in place of <your key>, without < and >.",
    ],
    [
      `${head}Timezone = UTC # here`,
      "line 2: Timezone has a # in its value.\nA comment needs a line of its own.",
    ],
    [
      `${head}Host = EU`,
      'line 2: Host: "EU" is a region, not a host.\nWrite api.eu.sparkpost.com.',
    ],
  ])("%j", async (text, message) => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), text, { mode: 0o600 });
    const { code, stderr } = await runCommand(["yesterday"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(`error: sparkpost.ini, ${message}`);
    expect(stderr).not.toContain("0123456789abcdef");
  });

  test("what others call the settings", async () => {
    const cwd = await newFolder();
    const text = `${head}ApiKey = a\nTz = UTC\nColumns = type\nRegion = EU\nconstructor = 1\n`;
    await writeFile(join(cwd, "sparkpost.ini"), text);
    const { code, stderr } = await runCommand(["yesterday"], { cwd });
    expect(code).toBe(2);
    expect(stderr.split("\n").slice(0, 6)).toEqual([
      "warning: sparkpost.ini, line 2: there is no setting ApiKey; it is ignored. Did you mean Authorization?",
      "warning: sparkpost.ini, line 3: there is no setting Tz; it is ignored. Did you mean Timezone?",
      "warning: sparkpost.ini, line 4: there is no setting Columns; it is ignored. Did you mean Properties?",
      "warning: sparkpost.ini, line 5: there is no setting Region; it is ignored. Did you mean Host?",
      "warning: sparkpost.ini, line 6: there is no setting constructor; it is ignored.",
      "error: sparkpost.ini holds no API key.",
    ]);
  });

  test("it is a folder", async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, "sparkpost.ini"));
    const { code, stderr } = await runCommand(["yesterday"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "error: Cannot read sparkpost.ini: it is a folder.\nName the ini file with --config FILE, or let sparky-events init write one.\n",
    );
  });
});
