import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { outputs, runScene, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/** How many crashes in all; more by hand: `CRASHES=1000 npx vitest run test/e2e/crash-points.test.ts`. */
const crashes = Number(process.env.CRASHES ?? 40);
const disks = { fast: 0, slow: 30 };
const kinds = outputs.filter((output) => output !== "sync");
const crashesEach = Math.ceil(crashes / (kinds.length * Object.keys(disks).length));

const imports = ["crash.js", "slow-disk.js"].flatMap((name) => [
  "--import",
  new URL(`../support/${name}`, import.meta.url).href,
]);

describe.each(Object.entries(disks))("on a disk that is %s to flush", (_, flushing) => {
  test.each(kinds.map((output, index) => [output, seed + index] as const))(
    `%s comes out identical after a crash at any change to the disk (${crashesEach} crashes, SEED=%d)`,
    { timeout: 120_000 + crashesEach * 5_000 },
    async (output, ownSeed) => {
      const random = randomNumbers(ownSeed + flushing);
      const concurrency = 2 + random(3);
      const options = { events: 1_000, size: 5_000, perPage: 50, concurrency, latency: 2 };
      const scene = await startScene(output, options);
      const run = async (more: readonly string[], env: Record<string, string>, cwd: string) =>
        runScene({ ...scene, args: [...scene.args, ...more] }, cwd, {
          nodeOptions: imports,
          env: { SLOW_FLUSH_MS: `${flushing}`, ...env },
        }).finished;
      const changesFile = join(await scene.newFolder(), "changes");
      await run([], { CHANGES_FILE: changesFile }, await scene.newFolder());
      const changes = Number(await readFile(changesFile, "utf8"));
      expect(changes).toBeGreaterThan(crashesEach);
      for (let crash = 0; crash < crashesEach; crash++) {
        const cwd = await scene.newFolder();
        const at = Math.ceil(((crash + random(1_000) / 1_000) / crashesEach) * changes);
        const { signal } = await run([], { CRASH_AT: `${Math.max(1, at)}` }, cwd);
        const { code, stderr } = await run(["--resume"], {}, cwd);
        const said = `${signal} at change ${at} of ${changes}: ${stderr}`;
        expect(code === 2 && stderr.includes("exists already") ? 0 : code, said).toBe(0);
        expect(await scene.found(cwd), said).toEqual(scene.expected);
      }
    },
  );
});
