import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ArchiveFixture, eventsFrom } from "../support/archive.js";
import { newFolder, runCommand } from "../support/command.js";

/** An archive of the 18th and the 19th. */
async function twoDays(...args: string[]) {
  const archive = await ArchiveFixture.start(
    "2026-11-20T01:15:00Z",
    eventsFrom("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z"),
  );
  expect((await archive.sync("--days", "2", ...args)).code).toBe(0);
  return archive;
}

async function circle(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await symlink(path, path);
}

async function folder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(join(path, "inside"), { recursive: true });
}

describe("in an archive", () => {
  test.each(["2026-11-18.csv", "manifest.json"])(
    "symbolic links of %s that lead in a circle are damage, which a run mends",
    async (name) => {
      const archive = await twoDays();
      await circle(join(archive.folder, name));
      const status = await archive.status();
      expect(status.code).toBe(5);
      expect(status.stderr + status.stdout).toMatch(
        /changed|damaged: its symbolic links lead in a/,
      );
      const { code, stderr } = await archive.sync("--days", "2");
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^warning: .*(is not the file that was written|was damaged \(its symb)/m,
      );
      expect((await archive.status("--verify")).code).toBe(0);
      expect(await archive.read("2026-11-18.csv")).toBe(archive.csv("2026-11-18", "2026-11-19"));
    },
  );

  test("a folder in place of the manifest is moved away", async () => {
    const archive = await twoDays();
    await folder(join(archive.folder, "manifest.json"));
    expect((await archive.status()).code).toBe(5);
    const { code, stderr } = await archive.sync("--days", "2");
    expect(code).toBe(0);
    expect(stderr).toMatch(/was damaged \(it is a folder\).*manifest\.json\.damaged/);
    expect((await archive.status()).code).toBe(0);
  });

  test("a folder in place of a day is named, and left alone", async () => {
    const archive = await twoDays();
    const day = join(archive.folder, "2026-11-18.csv");
    await folder(day);
    expect((await archive.status()).code).toBe(5);
    for (const format of ["text", "json"]) {
      const { code, stderr } = await archive.sync("--days", "2", "--log-format", format);
      expect(code).toBe(2);
      expect(stderr).toContain("2026-11-18.csv is a folder.");
    }
  });

  test("a file in place of a partition is named", async () => {
    const archive = await twoDays("--layout", "hive");
    const partition = join(archive.folder, "date=2026-11-18");
    await rm(partition, { recursive: true });
    await writeFile(partition, "mine");
    expect((await archive.status()).code).toBe(4);
    const { code, stderr } = await archive.sync("--days", "2", "--layout", "hive");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: Could not write .*date=2026-11-18/m),
    });
  });

  test("links in a circle in place of the folder are named", async () => {
    const archive = await twoDays();
    await rename(archive.folder, join(archive.cwd, "away"));
    await circle(archive.folder);
    for (const run of [archive.sync("--log-format", "json"), archive.sync(), archive.status()]) {
      const { code, stderr } = await run;
      expect(code).toBeGreaterThan(0);
      expect(stderr).toContain("sparkpost-events");
      expect(stderr).not.toContain("This is a bug");
    }
  });
});

describe("beside an export", () => {
  const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };

  test.each([
    ["a.csv", circle, "The symbolic links of a.csv lead in a circle."],
    ["a.csv.partial", circle, "The symbolic links of a.csv.partial lead in a circle."],
    [
      "a.csv.partial",
      (path: string) => writeFile(path, ""),
      "a.csv.partial is needed, but is no folder.",
    ],
  ])("what is in the way of %s is named: %#", async (name, obstruct, message) => {
    const cwd = await newFolder();
    await obstruct(join(cwd, name));
    const args = ["yesterday", "--host", "http://127.0.0.1:9", "-o", "a.csv"];
    const { code, stderr } = await runCommand(args, { cwd, env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`error: ${message}\n`),
    });
  });
});
