import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { environment, files } from "../../src/cli/help/surroundings.js";
import { newFolder, runCommand } from "../support/command.js";

const root = new URL("../../", import.meta.url);

async function manPages(): Promise<string[]> {
  return JSON.parse(await readFile(new URL("package.json", root), "utf8")).man;
}

async function manPagePath(): Promise<string> {
  return fileURLToPath(new URL((await manPages())[0] ?? "", root));
}

/** What a reader sees, in lines that are not wrapped. */
function shown(roff: string): string {
  return roff
    .replaceAll(/\\f[BIR]/g, "")
    .replaceAll("\\&", "")
    .replaceAll("\\-", "-")
    .replaceAll("\\(rs", "\\")
    .replaceAll("\\(aq", "'")
    .replaceAll("\\(dq", '"')
    .replaceAll("\\(ga", "`")
    .replaceAll("\\(ha", "^")
    .replaceAll("\\(ti", "~")
    .replaceAll(/\\\[u([0-9A-F]+)\]/g, (_, code) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    );
}

/** The part of a command, or where none is named all in front of the commands. */
function partOf(page: string, command: string): string {
  const [main = "", commands = "", rest = ""] = page.split(/^\.SH (?:COMMANDS|EXAMPLES)$/m);
  if (command === "export") {
    return main + rest;
  }
  const part = commands.split(/^\.SS /m).find((text) => text.startsWith(`"${command}"`));
  expect(part, command).toBeDefined();
  return part ?? "";
}

test("has every command, argument, option, example and exit code of the help", async () => {
  const page = shown(await readFile(await manPagePath(), "utf8"));
  const cwd = await newFolder();
  const help = async (name: string) => (await runCommand([name, "--help"], { cwd })).stdout;
  const main = await help("export");
  const names = [...main.matchAll(/^ {2}([a-z][a-z-]+)(?: [<[].*?[>\]])* {2,}[A-Z]/gm)].map(
    ([, name = ""]) => name,
  );
  expect(names).toEqual(expect.arrayContaining(["sync", "completion", "bounce-classes"]));
  for (const name of ["export", ...names]) {
    const part = partOf(page, name);
    const text = await help(name);
    const options = [...text.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)];
    expect(options.length).toBeGreaterThan(1);
    for (const option of options.flatMap(([, short, long]) => [short ?? "", long ?? ""])) {
      expect(part).toMatch(new RegExp(`(^|[\\s,])${option}([\\s,;.]|$)`, "m"));
    }
    const words = (lines: string) => lines.split(/\s+/).join(" ");
    for (const title of ["Examples:", "Exit codes:"]) {
      const [entries = ""] = (text.split(`\n${title}\n`)[1] ?? "").split("\n\n");
      expect(entries).toMatch(/\S/);
      for (const entry of entries.split(/\n(?= {2}\S)/)) {
        const [term = "", meaning = ""] = entry.trim().split(/ {2,}|\n/, 2);
        expect(words(part)).toContain(words(term));
        expect(words(part)).toContain(words(meaning));
      }
    }
  }
});

test("has both options of a setting that is yes or no", async () => {
  const page = shown(await readFile(await manPagePath(), "utf8"));
  expect(partOf(page, "export")).toMatch(/^--excel$/m);
  expect(partOf(page, "export")).toMatch(/^--no-excel$/m);
});

test("has files and the environment", async () => {
  const page = shown(await readFile(await manPagePath(), "utf8"));
  for (const [term, meaning] of [...files, ...environment]) {
    expect(page).toContain(`${term}\n${meaning}`);
  }
});

test("is in a list, without which npm does not install it", async () => {
  expect(await manPages()).toEqual(["./dist/sparky-events.1"]);
});

test("is part of the package", async () => {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  const [{ files: packed }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  expect(packed.map(({ path }) => path)).toContain("dist/sparky-events.1");
});

function has(program: string): boolean {
  return spawnSync(program, { input: "" }).error === undefined;
}

describe("is well-formed", () => {
  test.skipIf(!has("groff"))("to groff", async () => {
    const { status, stdout, stderr } = spawnSync(
      "groff",
      ["-ww", "-man", "-Tutf8", "-P-c", await manPagePath()],
      { encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    // What is typed is what can be copied: no typographic quotes, dashes or hyphens.
    expect(stdout).toContain(`--subjects '"Hi, Ann"'`);
    expect(stdout).toContain("--bounce-classes");
    expect(stdout).not.toMatch(/[‐−’‘“”]/);
  });

  test.skipIf(!has("mandoc"))("to mandoc", async () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", await manPagePath()], {
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });
});
