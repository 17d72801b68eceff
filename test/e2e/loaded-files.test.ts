import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

/** What a command line loads: packages, files of the bundle, and the sources that those are made of. */
async function loadedBy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = await newFolder();
  const log = join(cwd, "loaded.txt");
  const hooks = `import { appendFileSync } from "node:fs";
    export async function load(url, context, next) {
      appendFileSync(${JSON.stringify(log)}, url + "\\n");
      return next(url, context);
    }`;
  const register = `import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));`;
  const { code } = await runCommand(args, {
    cwd,
    env,
    nodeOptions: ["--import", `data:text/javascript,${encodeURIComponent(register)}`],
  });
  expect(code).toBe(0);
  const urls = await readFile(log, "utf8");
  const packages = Array.from(
    urls.matchAll(/\/node_modules\/((?:@.+\/)?[^/\n]+)/g),
    ([, name]) => name,
  );
  const files = urls.match(/^file:.*\/dist\/.*$/gm) ?? [];
  const texts = await Promise.all(files.map((url) => readFile(fileURLToPath(url), "utf8")));
  const sources = texts.flatMap((text) =>
    Array.from(text.matchAll(/^\/\/ src\/(.+)$/gm), ([, path = ""]) => path),
  );
  return { packages: [...new Set(packages)], files, sources };
}

test("help loads names, and nothing of what a command does", async () => {
  const { packages, sources } = await loadedBy(["--help"]);
  expect(packages).toEqual(["commander"]);
  expect(sources).toContain("cli/main.ts");
  expect(sources.filter((path) => /^cli\/commands\/.+\//.test(path))).toEqual([
    "cli/commands/export/command.ts",
  ]);
  expect(sources.filter((path) => /^(?!cli\/).+\//.test(path)).sort()).toEqual([
    "api/search-filters.ts",
    "config/setting-names.ts",
    "csv/whole-event.ts",
  ]);
});

test("an export loads its sources in few files, and none of another command", async () => {
  const { origin } = await startScriptedServer([page([{ event_id: "1" }], { totalCount: 1 })]);
  const { packages, files, sources } = await loadedBy(
    ["2026-11-19", "--host", origin, "--retention", "unlimited", "--out", "a.csv"],
    { SPARKPOST_API_KEY: "0123456789abcdef" },
  );
  expect(packages).not.toContain("undici");
  expect(sources).toContain("export/export-events.ts");
  expect(sources.length).toBeGreaterThan(10 * files.length);
  expect(sources.filter((path) => /^(sandbox\/|schedule\/|workbook\/write-)/.test(path))).toEqual(
    [],
  );
});
