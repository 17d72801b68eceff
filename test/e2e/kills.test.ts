import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { outputs, runScene, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/** How many kills in all; more of them by hand: `KILLS=1000 npx vitest run test/e2e/kills.test.ts`. */
const kills = Number(process.env.KILLS ?? 48);
const disks = { fast: 0, slow: 100 };
const killsEach = Math.ceil(kills / (outputs.length * Object.keys(disks).length));

const slowDisk = new URL("../support/slow-disk.js", import.meta.url).href;

describe.each(Object.entries(disks))("on a disk that is %s to flush", (_, flushing) => {
  test.each(outputs.map((output, index) => [output, seed + index] as const))(
    `%s comes out identical however often it is killed (${killsEach} kills, SEED=%d)`,
    { timeout: 120_000 + killsEach * 5_000 },
    async (output, ownSeed) => {
      const random = randomNumbers(ownSeed + flushing);
      const concurrency = 2 + random(3);
      const options = { events: 4_000, size: 10_000, perPage: 300, concurrency, latency: 10 };
      const scene = await startScene(output, options);
      const disk = { nodeOptions: ["--import", slowDisk], env: { SLOW_FLUSH_MS: `${flushing}` } };
      const started = performance.now();
      await runScene(scene, await scene.newFolder(), disk).finished;
      const duration = Math.ceil(performance.now() - started);
      for (let left = killsEach; left > 0; ) {
        const cwd = await scene.newFolder();
        for (let runs = 1; ; runs++) {
          const isLast = left === 0;
          const resumed = output === "sync" ? scene.args : [...scene.args, "--resume"];
          const run = runScene({ ...scene, args: resumed }, cwd, disk);
          const killed = !isLast && (await endsLater(run.finished, random(duration)));
          if (killed) {
            run.process.kill("SIGKILL");
            left -= 1;
          }
          const { code, signal, stderr } = await run.finished;
          if (signal === null) {
            const isThere = code === 2 && stderr.includes("exists already");
            expect(isThere ? 0 : code, `run ${runs}: ${stderr}`).toBe(0);
            break;
          }
        }
        expect(await scene.found(cwd)).toEqual(scene.expected);
      }
    },
  );
});

/** Whether something takes longer than so many milliseconds. */
async function endsLater(end: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const later = delay(milliseconds, true, { signal: timer.signal }).catch(() => false);
  const result = await Promise.race([end.then(() => false), later]);
  timer.abort();
  return result;
}
