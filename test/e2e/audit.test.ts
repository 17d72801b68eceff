import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { diskOf } from "../support/disk.js";
import { runScene, startScene } from "../support/export-scenes.js";

const losing = (lossy: string) => diskOf(["losing-disk.js"], { LOSE_FROM: lossy });
const options = { events: 1_000, size: 200, perPage: 50, concurrency: 4, latency: 0 };

describe("a file that is not what the pages account for gets no name", () => {
  test.each([
    ["a.csv", "main"],
    ["a.csv.gz", "main"],
    ["split", "main"],
    ["split", "main-3"],
    ["split.gz", "main-5"],
    ["merged", "main"],
  ] as const)("%s, of which %s has lost a byte", async (output, lossy) => {
    const scene = await startScene(output, options);
    const cwd = await scene.newFolder();
    const { code, stderr } = await runScene(scene, cwd, losing(lossy));
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(
      /^error: What was written is not what arrived: [\d,]+ bytes are in a file, and it should be [\d,]+\.\nBegin anew with --force\. If that happens again, please report it\.$/m,
    );
    expect(stderr).not.toContain("--resume");
    expect(await scene.found(cwd)).toBeUndefined();
    expect((await readdir(cwd)).filter((name) => name.endsWith(".csv"))).toEqual([]);
  });

  test("nor does a day of an archive", async () => {
    const scene = await startScene("sync", options);
    const cwd = await scene.newFolder();
    const { code, stderr } = await runScene(scene, cwd, losing("main"));
    expect(code, stderr).toBe(1);
    expect(stderr).toContain("What was written is not what arrived");
    expect(stderr).not.toContain("Make room");
    expect(await scene.found(cwd)).toBeUndefined();
    // Nothing is wrong with the disk any more.
    expect((await runScene(scene, cwd)).code).toBe(0);
    expect(await scene.found(cwd)).toEqual(scene.expected);
  });
});
