import { cp, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  outputs,
  resumeScene,
  type Scene,
  startResuming,
  startScene,
} from "../support/export-scenes.js";
import { randomNumbers, sample, seed, times } from "../support/random-numbers.js";

/** How many trials in all; more of them by hand: `TRIALS=1000 npx vitest run test/e2e/tampered.test.ts`. */
const trials = Number(process.env.TRIALS ?? times(12, 40));
const kinds = outputs.filter((output) => output !== "sync");
const trialsEach = Math.ceil(trials / kinds.length);

type Random = (below: number) => number;

/** What becomes of a file. */
const damages: Readonly<Record<string, (path: string, random: Random) => Promise<void>>> = {
  async "has a bit flipped"(path, random) {
    const bytes = await readFile(path);
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    await writeFile(path, bytes);
  },
  async "has another digit"(path, random) {
    const bytes = await readFile(path);
    const digits = [...bytes.entries()].filter(([, byte]) => byte >= 0x30 && byte <= 0x39);
    const [at, digit] = digits[random(digits.length)] ?? [0, 0x30];
    bytes[at] = 0x30 + ((digit - 0x30 + 1 + random(9)) % 10);
    await writeFile(path, bytes);
  },
  async "is emptied"(path) {
    await truncate(path, 0);
  },
  async "is cut"(path, random) {
    const { size } = await stat(path);
    await truncate(path, size === 0 ? 0 : random(size));
  },
  async "is longer"(path, random) {
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes, bytes.subarray(0, 1 + random(5_000))]));
  },
};

const names = Object.keys(damages);

test.each(kinds.map((output, index) => [output, seed + index] as const))(
  `what is left of %s, once tampered with, never ends in another file (${trialsEach} trials, SEED=%d)`,
  { timeout: 60_000 + trialsEach * 10_000 },
  async (output, ownSeed) => {
    const random = randomNumbers(ownSeed);
    const options = { events: 1_500, size: 2_000, perPage: 25, concurrency: 4, latency: 20 };
    const scene = await startScene(output, options);
    const left = await scene.newFolder();
    const pages = 8 + random(30);
    const partial = await interruptedWhen((journals) => countPages(journals) >= pages, scene, left);
    for (let trial = 0; trial < trialsEach; trial++) {
      const cwd = await scene.newFolder();
      await cp(left, cwd, { recursive: true });
      const files = await filesOf(join(cwd, partial));
      const kind = ["journal", "main", "page", ""][random(4)] ?? "";
      const ofKind = files.filter((file) => basename(file).startsWith(kind));
      const path = ofKind[random(ofKind.length)] ?? files[random(files.length)] ?? "";
      const damage = names[random(names.length)] ?? "";
      await damages[damage]?.(path, random);
      const run = await resumeScene(scene, cwd);
      const said = `${path} ${damage}: ${run.stderr}`;
      if (run.code === 2) {
        expect(run.stderr, said).toContain("What an interrupted export left is damaged: ");
        expect(await scene.found(cwd), said).toBeUndefined();
      } else {
        expect(run.code, said).toBe(0);
        expect(await scene.found(cwd), said).toEqual(scene.expected);
      }
    }
  },
);

test.each(["split", "split.gz"] as const)(
  `a full file of %s that is not what was written is noticed (SEED=${seed})`,
  { timeout: 120_000 },
  async (output) => {
    const random = randomNumbers(seed);
    const options = { events: 1_500, size: 2_000, perPage: 25, concurrency: 4, latency: 20 };
    const scene = await startScene(output, options);
    const left = await scene.newFolder();
    const hasFullFile = (journals: string) => /"main":\{[^}]*"part":[2-9]/.test(journals);
    const partial = await interruptedWhen(hasFullFile, scene, left);
    for (const damage of sample(names, 2)) {
      const cwd = await scene.newFolder();
      await cp(left, cwd, { recursive: true });
      const path = join(cwd, partial, "main");
      await damages[damage]?.(path, random);
      const run = await resumeScene(scene, cwd);
      expect(run.code, `${damage}: ${run.stderr}`).toBe(2);
      // A page that goes on in the next file is known to be damaged there.
      expect(run.stderr, damage).toMatch(
        /^error: What an interrupted export left is damaged: a\.csv\S*\.partial\/main(-2)?\.\nAdd --force to begin anew\.$/m,
      );
      expect(await scene.found(cwd)).toBeUndefined();
    }
  },
);

/** Kills a run when its journals, and those of its parts, say so. Returns the name of what it leaves. */
async function interruptedWhen(
  isDue: (journals: string) => boolean,
  scene: Scene,
  cwd: string,
): Promise<string> {
  const run = startResuming(scene, cwd);
  for (;;) {
    const partial = (await readdir(cwd)).find((name) => name.endsWith(".partial"));
    if (partial && isDue(await readJournals(join(cwd, partial)).catch(() => ""))) {
      run.kill("SIGKILL");
      await run.finished;
      return partial;
    }
    expect(run.hasEnded()).toBe(false);
    await delay(5);
  }
}

async function readJournals(folder: string): Promise<string> {
  const paths = (await filesOf(folder)).filter((path) => basename(path) === "journal");
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("");
}

function countPages(journals: string): number {
  return journals.match(/"type":"page"/g)?.length ?? 0;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("lock"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
