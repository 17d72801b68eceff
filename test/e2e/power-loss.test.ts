import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { outputs, runScene, startScene } from "../support/export-scenes.js";
import { randomNumbers, seed } from "../support/random-numbers.js";

/** How many losses in all; more of them by hand: `LOSSES=1000 npx vitest run test/e2e/power-loss.test.ts`. */
const losses = Number(process.env.LOSSES ?? 42);
const disks = { fast: 0, slow: 20 };
/** Besides, a split export with many files, whose power fails while they get their names. */
const cases = [...outputs.map((output) => [output, 5] as const), ["split", 60] as const];
const lossesEach = Math.ceil(losses / (cases.length * Object.keys(disks).length));

const imports = ["power-loss.js", "slow-disk.js"].flatMap((name) => [
  "--import",
  new URL(`../support/${name}`, import.meta.url).href,
]);

describe.each(Object.entries(disks))("on a disk that is %s to flush", (_, flushing) => {
  test.each(cases.map(([output, files], index) => [output, files, seed + index] as const))(
    `%s (%d) comes out identical, or says why not, however often the power fails (${lossesEach} times, SEED=%d)`,
    { timeout: 120_000 + lossesEach * 5_000 },
    async (output, files, ownSeed) => {
      const random = randomNumbers(ownSeed + flushing);
      const concurrency = 1 + random(4);
      const scene = await startScene(output, {
        events: 2_000,
        size: 3_000,
        perPage: 100,
        concurrency,
        latency: 2,
        files,
      });
      const run = (cwd: string, more: readonly string[], env: Record<string, string> = {}) =>
        runScene({ ...scene, args: [...scene.args, ...more] }, cwd, {
          nodeOptions: imports,
          env: { SLOW_FLUSH_MS: `${flushing}`, ...env },
        }).finished;
      const resume = output === "sync" ? [] : ["--resume"];
      const changesFile = join(await scene.newFolder(), "changes");
      await run(await scene.newFolder(), [], { CHANGES_FILE: changesFile });
      const changes = Number(await readFile(changesFile, "utf8"));
      const earliest = files > 5 ? Math.floor(changes * 0.6) : 0;
      for (let left = lossesEach; left > 0; ) {
        const cwd = await scene.newFolder();
        for (;;) {
          const loss = {
            LOSE_POWER_AT: `${1 + earliest + random(changes - earliest)}`,
            LOSE_POWER_SEED: `${random(1e9)}`,
          };
          const { code, signal, stderr } = await run(cwd, resume, left > 0 ? loss : {});
          const said = `${JSON.stringify(loss)}: ${stderr}`;
          if (signal === "SIGKILL") {
            left -= 1;
          } else if (code === 2 && stderr.includes("is damaged")) {
            expect(await scene.found(cwd), said).toBeUndefined();
            expect((await run(cwd, ["--force"])).code, said).toBe(0);
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
