import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { commandLine, newFolder } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const run = promisify(execFile);

/** The shell commands of README's workflow, in their order. */
async function workflowCommands(): Promise<string[]> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [, workflow = ""] = /^```yaml\n(.*?)^```$/ms.exec(readme) ?? [];
  return [...workflow.matchAll(/^ +(?:- )?run: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm)].map(
    ([, block, line = ""]) => block?.replaceAll(/^ {10}/gm, "") ?? line,
  );
}

test("the commands of README's workflow keep an archive in a repository", async () => {
  const { origin } = await startScriptedServer([page([])]);
  const folder = await newFolder();
  const bin = join(folder, "bin");
  await mkdir(bin);
  const words = commandLine([]).map((word) => `'${word}'`);
  const tool = `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`;
  await writeFile(join(bin, "sparky-events"), tool, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
  };
  const shell = (command: string, cwd = folder) => run("bash", ["-e", "-c", command], { cwd, env });
  const [install, ...commands] = await workflowCommands();
  expect(install).toBe("npm install --global sparky-events");
  expect(commands).toHaveLength(2);

  await shell("git init --quiet --bare --initial-branch main remote");
  await shell("git clone --quiet remote first 2> /dev/null");
  await writeFile(join(folder, "first/sparkpost.ini"), `[SparkPost]\nHost = ${origin}\n`);
  const asAnn = "git -c user.name=Ann -c user.email=ann@example.com";
  await shell(
    `git add . && ${asAnn} commit --quiet -m Settings && git push --quiet`,
    `${folder}/first`,
  );

  const night = async (checkout: string) => {
    await shell(`git clone --quiet remote ${checkout}`);
    for (const command of commands) {
      await shell(command, join(folder, checkout));
    }
    const { stdout } = await shell("git log --format=%an%n%s", join(folder, "remote"));
    return stdout.trimEnd().split("\n");
  };
  const log = await night("second");
  expect(log).toEqual([
    "github-actions[bot]",
    expect.stringMatching(/^Events until \d{4}-\d\d-\d\d$/),
    "Ann",
    "Settings",
  ]);
  // A fresh checkout is the archive that it was, and there is nothing new in it.
  expect(await night("third")).toEqual(log);
  const { stdout } = await shell("git ls-files", join(folder, "third"));
  const files = stdout.trimEnd().split("\n");
  expect(files).toContain("sparkpost-events/manifest.json");
  expect(files.filter((name) => name.endsWith(".csv.gz")).length).toBeGreaterThanOrEqual(9);
  expect(files.filter((name) => name.includes(".sync"))).toEqual([]);
  const status = await shell("sparky-events status --verify --format json", `${folder}/third`);
  expect(JSON.parse(status.stdout)).toMatchObject({ sound: true });
});
