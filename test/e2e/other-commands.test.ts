import { execFile } from "node:child_process";
import { open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("sandbox", () => {
  test("serves its events until it is stopped", async () => {
    const cwd = await newFolder();
    const sandbox = startCommand(["sandbox", "--port", "0", "--events", "2000"], { cwd });
    const greeting = await new Promise<string>((resolve) => {
      sandbox.process.stdout?.once("data", resolve);
    });
    const [origin = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(greeting) ?? [];
    expect(greeting).toContain(
      `SPARKPOST_API_KEY=sandbox npx sparky-events yesterday --host ${origin}`,
    );
    expect(greeting).toContain(
      `$env:SPARKPOST_API_KEY = "sandbox"; npx sparky-events yesterday --host ${origin}`,
    );
    const { code, stdout } = await runCommand(["10d", "now", "--host", origin, "--dry-run"], {
      cwd,
      env: { SPARKPOST_API_KEY: "sandbox" },
    });
    expect(code).toBe(0);
    expect(stdout).toContain("2,000 events, 1 request\n");

    const taken = await runCommand(["sandbox", "--port", new URL(origin).port], { cwd });
    expect(taken.code).toBe(2);
    expect(taken.stderr).toMatch(
      /^error: Port \d+ is in use already\.\nChoose another with --port N/,
    );

    sandbox.process.kill("SIGINT");
    const { code: end, stderr } = await sandbox.finished;
    expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
  });

  test.each([
    ["--port", "70000"],
    ["--events", "-1"],
    ["--events", "many"],
    ["--fail-rate", "2"],
    ["--rate-limit", "0"],
  ])("%s %s is refused", async (option, value) => {
    const { code, stderr } = await runCommand(["sandbox", option, value], {
      cwd: await newFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^error: ${option}: "${value}" is not a `));
  });
});

test
  .runIf(process.platform === "linux")
  .each([
    [["types"]],
    [["properties"]],
    [["--help"]],
    [["completion", "bash"]],
    [["schedule", "cron"]],
  ])("%j on a full disk does not end with 0", async (args) => {
  const full = await open("/dev/full", "w");
  const { code, stderr } = await runCommand(args, { cwd: await newFolder(), stdout: full.fd });
  await full.close();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: Could not write to standard output: the disk is full\.\n$/m,
    ),
  });
});

describe("demo", () => {
  test("exports yesterday, shows the first rows and says where the file is", async () => {
    const cwd = await newFolder();
    // An ini file that would lead a real export elsewhere.
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nHost = https://example.invalid", {
      mode: 0o600,
    });
    const { code, stdout, stderr } = await runCommand(["demo"], {
      cwd,
      env: { TMPDIR: cwd },
      launcher: "fast",
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\$ sparky-events yesterday --host http:\/\/127\.0\.0\.1:\d+ /m);
    expect(stdout).toMatch(/^timestamp +type +rcpt_to/m);
    const [, path = ""] = /^The file: (.*)$/m.exec(stdout) ?? [];
    const file = await readFile(path, "utf8");
    expect(file).toMatch(/^timestamp,type,rcpt_to,/);
    expect(file.split("\n").length).toBeGreaterThan(1_000);
  });
});

describe("a demo that does not come to its end", () => {
  /** Resolves when pages are in the demo's folder. */
  async function exporting(folder: string): Promise<void> {
    for (;;) {
      const names = await readdir(folder, { recursive: true });
      if (names.some((name) => name.includes(".partial/page-") || name.endsWith("/main"))) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test.each([
    [["SIGINT"], 130, "error: Interrupted.\n"],
    [["SIGTERM"], 143, "error: Stopped by SIGTERM.\n"],
    // A terminal sends it to npm and to the demo, and npm passes it on.
    [["SIGINT", "SIGINT"], 130, "error: Interrupted.\n"],
  ] as const)("by %j leaves nothing behind", async (signals, expected, message) => {
    const cwd = await newFolder();
    const demo = startCommand(["demo"], { cwd, env: { TMPDIR: cwd } });
    await exporting(cwd);
    for (const signal of signals) {
      demo.process.kill(signal);
    }
    const { code, stderr } = await demo.finished;
    expect({ code, files: await readdir(cwd) }).toEqual({ code: expected, files: [] });
    expect(stderr.endsWith(message)).toBe(true);
  });

  test("on a full disk leaves nothing behind, and does not say that it did", async () => {
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(["demo"], {
      cwd,
      env: { TMPDIR: cwd },
      launcher: "fast",
      largestFile: 100,
    });
    expect({ code, files: await readdir(cwd) }).toEqual({ code: 1, files: [] });
    expect(stderr).toMatch(
      /^error: Could not write .*: the file would be too large\.\nThe demo writes to .*; to let it write elsewhere, set TMPDIR\.\n$/m,
    );
  });
});

describe("--help and --version", () => {
  test.each([
    "--help",
    "-h",
    "--version",
    "export --help",
    "sandbox --help",
    "init --help",
    "check --help",
    "properties --help",
    "completion --help",
    "schedule --help",
  ])("%s", async (args) => {
    const { code, stdout, stderr } = await runCommand(args.split(" "), {
      cwd: await newFolder(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^(Usage: sparky-events|\d+\.\d+\.\d+$)/m);
  });

  test("name every option", async () => {
    const { stdout } = await runCommand(["--help"], { cwd: await newFolder() });
    for (const option of [
      "--out",
      "--force",
      "--dry-run",
      "--bounce-classes",
      "--give-up-after",
      "--api",
      "init",
      "check",
      "types",
      "properties [type]",
      "bounce-classes",
      "completion <shell>",
      "schedule <scheduler> [dir]",
    ]) {
      expect(stdout).toContain(option);
    }
  });
});

describe("the package", () => {
  test("holds what a user needs and nothing else", async () => {
    const { stdout } = await promisify(execFile)(
      "npm",
      ["pack", "--dry-run", "--json", "--ignore-scripts"],
      { cwd: root },
    );
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    const top = new Set(paths.map((path) => path.split("/")[0]));
    expect([...top].sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "package.json",
      "sparkpost.example.ini",
    ]);
    expect(paths).toContain("dist/index.d.ts");
    expect(paths).toContain("dist/index.js");
    expect(paths).toContain("dist/projector.wasm");
  });
});
