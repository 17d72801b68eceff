import { describe, expect, test } from "vitest";
import { diskOf } from "../support/disk.js";
import { outputs, resumeScene, runScene, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/**
 * How many crashes in all, at least one for each output on each disk; more of them in
 * `npm run test:long`, or by hand: `CRASHES=1000 npx vitest run test/e2e/crash-points.test.ts`.
 */
const crashes = Number(process.env.CRASHES ?? 0);
const disks = { fast: 0, slow: 30 };
const kinds = outputs.filter((output) => output !== "sync");
const cases = kinds.length * Object.keys(disks).length;
const crashesEach = Math.max(1, Math.ceil(crashes / cases));

describe.each(
  Object.entries(disks).map(([name, flushing], disk) => [name, flushing, disk] as const),
)("on a disk that is %s to flush", (_, flushing, disk) => {
  test.each(kinds.map((output, index) => [output, seed + index, index] as const))(
    `%s comes out identical after a crash at any change to the disk (${crashesEach} crashes, SEED=%d)`,
    { timeout: 120_000 + crashesEach * 5_000 },
    async (output, ownSeed, index) => {
      const random = randomNumbers(ownSeed + flushing);
      const crashing = (at: number) =>
        diskOf(["crash.js", "slow-disk.js"], { SLOW_FLUSH_MS: `${flushing}`, CRASH_AT: `${at}` });
      const onwards = flushing > 0 ? crashing(0) : undefined;
      const scene = await startScene(output, {
        ...{ events: 1_000, size: 5_000, perPage: 50, latency: 2 },
        ...{ concurrency: 2 + random(3), disk: crashing(0) },
      });
      const { changes } = scene;
      expect(changes).toBeGreaterThan(crashesEach);
      // However few the crashes are, each part of a run, from its first to its last change, has one.
      const part = seed + disk + index * Object.keys(disks).length;
      for (let crash = 0; crash < crashesEach; crash++) {
        const cwd = await scene.newFolder();
        const share = (crash + ((part + crash) % cases) / cases) / crashesEach;
        const at = 1 + Math.floor((share + random(1_000) / 1_000 / cases / crashesEach) * changes);
        const { signal } = await runScene(scene, cwd, crashing(at));
        const { code, stderr } = await resumeScene(scene, cwd, onwards);
        const said = `${signal} at change ${at} of ${changes}: ${stderr}`;
        expect(code === 2 && stderr.includes("exists already") ? 0 : code, said).toBe(0);
        expect(await scene.found(cwd), said).toEqual(scene.expected);
      }
    },
  );
});
