import { spawnSync } from "node:child_process";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { newFolder, runCommand } from "./command.js";
import type { Element } from "./xml.js";

/** A folder with an ini file, and the name that asks the most of every quoting. */
export async function newHome(name = `it's 50% off & \\"more" <b> $HOME \`x\` \\é`, ini = "") {
  const parent = await realpath(await newFolder());
  const folder = join(parent, name);
  const bin = join(parent, "bin");
  await mkdir(folder);
  await mkdir(bin);
  const config = join(folder, "sparkpost.ini");
  await writeFile(config, `[SparkPost]\nTimezone = UTC\n${ini}`, { mode: 0o600 });
  const schedule = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await runCommand(["schedule", ...args], {
      cwd: folder,
      env: { TZ: "UTC", ...env },
    });
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
    expect({ code, warnings }).toEqual({ code: 0, warnings: [] });
    return stdout;
  };
  return { folder, config, bin, schedule, archive: join(folder, "sparkpost-events") };
}

/** What Node.js tells instead of running the script that it is started with. */
const tell = `process.stdout.write(JSON.stringify({
  argv: process.argv.slice(1), cwd: process.cwd(), keyFile: process.env.SPARKPOST_API_KEY_FILE,
  proxy: process.env.HTTPS_PROXY, passFile: process.env.PGPASSFILE, databaseUser: process.env.PGUSER })); process.exit();`;

/** Runs a program as a scheduler does: with few variables, and without the wait at the start. */
export async function runAs(words: readonly string[], bin: string) {
  await writeFile(join(bin, "sleep"), '#!/bin/sh\necho "$1" >&2\n', { mode: 0o755 });
  const [program = "", ...args] = words;
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: "/",
    encoding: "utf8",
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
    },
  });
  return { status, stdout, stderr };
}

/** The command of the only line of a crontab that is not a comment. */
export function cronCommand(crontab: string): { time: string; command: string } {
  const lines = crontab.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toHaveLength(1);
  expect(crontab.endsWith("\n")).toBe(true);
  const [, time = "", command = ""] = /^(\d+ \d+) \* \* \* (.*)$/.exec(lines[0] ?? "") ?? [];
  return { time, command };
}

/** The files that a script writes with here-documents, by name. */
export function hereDocuments(text: string): Record<string, string> {
  const found = text.matchAll(/^cat > \S*\/(\S+) <<'END'\n(.*?)^END$/gms);
  return Object.fromEntries([...found].map(([, name, content]) => [name, content]));
}

export const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;

/** The value of a property list's element. */
export function plistValue({ name, children, text }: Element): unknown {
  switch (name) {
    case "dict":
      return Object.fromEntries(
        children.flatMap((child, index) => {
          const value = children[index + 1];
          return child.name === "key" && value ? [[child.text, plistValue(value)]] : [];
        }),
      );
    case "array":
      return children.map(plistValue);
    case "integer":
      return Number(text);
    default:
      return text;
  }
}
