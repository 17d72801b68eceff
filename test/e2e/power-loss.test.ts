import { describe, expect, test } from "vitest";
import { diskOf } from "../support/disk.js";
import { outputs, resumeScene, runScene, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/**
 * How many losses in all, at least one in each case on each disk; more of them in
 * `npm run test:long`, or by hand: `LOSSES=1000 npx vitest run test/e2e/power-loss.test.ts`.
 */
const losses = Number(process.env.LOSSES ?? 0);
const disks = { fast: 0, slow: 20 };
/** Besides, a split export with many files, whose power fails while they get their names. */
const cases = [...outputs.map((output) => [output, 5] as const), ["split", 60] as const];
const lossesEach = Math.max(1, Math.ceil(losses / (cases.length * Object.keys(disks).length)));

describe.each(Object.entries(disks))("on a disk that is %s to flush", (_, flushing) => {
  test.each(cases.map(([output, files], index) => [output, files, seed + index] as const))(
    `%s (%d) comes out identical, or says why not, however often the power fails (${lossesEach} times, SEED=%d)`,
    { timeout: 120_000 + lossesEach * 5_000 },
    async (output, files, ownSeed) => {
      const random = randomNumbers(ownSeed + flushing);
      const losing = (env: Readonly<Record<string, string>>) =>
        diskOf(["power-loss.js", "slow-disk.js"], { SLOW_FLUSH_MS: `${flushing}`, ...env });
      const onwards = flushing > 0 ? losing({}) : undefined;
      const scene = await startScene(output, {
        ...{ events: 2_000, size: 3_000, perPage: 100, latency: 2, files },
        ...{ concurrency: 1 + random(4), disk: losing({}) },
      });
      const { changes } = scene;
      const earliest = files > 5 ? Math.floor(changes * 0.6) : 0;
      for (let left = lossesEach; left > 0; ) {
        const cwd = await scene.newFolder();
        for (;;) {
          const loss = {
            LOSE_POWER_AT: `${1 + earliest + random(changes - earliest)}`,
            LOSE_POWER_SEED: `${random(1e9)}`,
          };
          const { code, signal, stderr } = await resumeScene(
            scene,
            cwd,
            left > 0 ? losing(loss) : onwards,
          );
          const said = `${JSON.stringify(loss)}: ${stderr}`;
          if (signal === "SIGKILL") {
            left -= 1;
          } else if (code === 2 && stderr.includes("is damaged")) {
            expect(await scene.found(cwd), said).toBeUndefined();
            const anew = { ...scene, args: [...scene.args, "--force"] };
            expect((await runScene(anew, cwd, onwards)).code, said).toBe(0);
            break;
          } else {
            expect(code === 2 && stderr.includes("exists already") ? 0 : code, said).toBe(0);
            break;
          }
        }
        expect(await scene.found(cwd)).toEqual(scene.expected);
      }
    },
  );
});
