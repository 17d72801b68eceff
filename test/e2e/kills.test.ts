import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { CommandResult, StoppableCommand } from "../support/command.js";
import { diskOf } from "../support/disk.js";
import { outputs, resumeScene, startResuming, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/**
 * How many kills in all, at least one for each output on each disk; more of them in
 * `npm run test:long`, or by hand: `KILLS=1000 npx vitest run test/e2e/kills.test.ts`. A seed repeats
 * them at the same moments, as far as the machine is as fast; crash-points.test.ts repeats itself exactly.
 */
const kills = Number(process.env.KILLS ?? 0);
const disks = { fast: 0, slow: 100 };
const killsEach = Math.max(1, Math.ceil(kills / (outputs.length * Object.keys(disks).length)));

describe.each(Object.entries(disks))("on a disk that is %s to flush", (_, flushing) => {
  test.each(outputs.map((output, index) => [output, seed + index] as const))(
    `%s comes out identical however often it is killed (${killsEach} kills, SEED=%d)`,
    { timeout: 120_000 + killsEach * 5_000 },
    async (output, ownSeed) => {
      const random = randomNumbers(ownSeed + flushing);
      const disk = diskOf(["slow-disk.js"], { SLOW_FLUSH_MS: `${flushing}` });
      const scene = await startScene(output, {
        ...{ events: 1_500, size: 5_000, perPage: 120, latency: 10 },
        ...{ concurrency: 2 + random(3), disk },
      });
      for (let left = killsEach; left > 0; ) {
        const cwd = await scene.newFolder();
        let result: CommandResult;
        do {
          result = await (left > 0
            ? endWithin(random(scene.duration), startResuming(scene, cwd, disk))
            : resumeScene(scene, cwd, flushing > 0 ? disk : undefined));
          left -= result.signal === "SIGKILL" ? 1 : 0;
        } while (result.signal === "SIGKILL");
        const { code, stderr } = result;
        expect(code === 2 && stderr.includes("exists already") ? 0 : code, stderr).toBe(0);
        expect(await scene.found(cwd)).toEqual(scene.expected);
      }
    },
  );
});

/** Kills a run that takes longer than so many milliseconds. */
async function endWithin(milliseconds: number, run: StoppableCommand): Promise<CommandResult> {
  const timer = new AbortController();
  delay(milliseconds, undefined, { signal: timer.signal }).then(
    () => run.kill("SIGKILL"),
    () => {},
  );
  const result = await run.finished;
  timer.abort();
  return result;
}
