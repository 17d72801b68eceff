import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { diskOf } from "../support/disk.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { SimulatedAccount } from "../support/simulated-account.js";
import { contentsOf, syncArguments } from "../support/sync-runs.js";

const hour = 36e5;
const day = 24 * hour;
/** Before clocks go back, and two days after. */
const firstNight = Date.parse("2025-10-24T23:20:00Z");
const secondNight = Date.parse("2025-10-27T03:20:00Z");

interface Scene {
  readonly account: SimulatedAccount;
  readonly cwd: string;
  readonly args: readonly string[];
  /** How long a flush takes, in milliseconds. */
  readonly flushing: number;
}

/** An account, and an empty folder for archives. */
async function startScene(options: readonly string[], flushing: number): Promise<Scene> {
  const account = await SimulatedAccount.start({
    seed: 4,
    start: firstNight - 4 * day,
    days: 10,
    eventsPerDay: 60,
    lateness: { share: 0.1, longest: 2 * day },
  });
  account.now = firstNight;
  const args = ["--timezone", "Europe/Berlin", "--per-page", "20", "--days", "3", ...options];
  return { account, cwd: await newFolder(), args, flushing };
}

/** Runs until the end, or, where `crashAt` is a change to the disk, until that; counts them if it is 0. */
function run({ account, cwd, args, flushing }: Scene, folder: string, crashAt?: number) {
  const disk = diskOf(["crash.js", "slow-disk.js"], {
    CRASH_AT: `${crashAt ?? 0}`,
    CHANGES_FILE: join(cwd, "changes"),
    SLOW_FLUSH_MS: `${flushing}`,
  });
  const times = args.includes("parquet") ? [] : undefined;
  return runCommand([...syncArguments(folder, account, times), ...args], {
    ...disk,
    cwd,
    env: { ...account.env, ...disk.env },
    launcher: "dated",
  });
}

describe.each([
  [["--layout", "hive"], times(4, 10), 0],
  [["--layout", "hive"], times(2, 5), 30],
  [["--by", "hour", "--days", "2"], times(2, 5), 0],
  [["--format", "parquet"], times(3, 10), 0],
])("with %s, a run that is killed", (options, crashes, flushing) => {
  test(`at one of ${crashes} changes to the disk is made up for by the next, with ${flushing} ms a flush (SEED=${seed})`, {
    timeout: 120_000,
  }, async () => {
    const random = randomNumbers(seed);
    const scene = await startScene(options, flushing);
    expect((await run(scene, "first night")).code).toBe(0);
    scene.account.now = secondNight;
    const copyTo = (name: string) =>
      cp(join(scene.cwd, "first night"), join(scene.cwd, name), { recursive: true });
    await copyTo("undisturbed");
    expect((await run(scene, "undisturbed", 0)).code).toBe(0);
    const undisturbed = await contentsOf(join(scene.cwd, "undisturbed"));
    const changes = Number(await readFile(join(scene.cwd, "changes"), "utf8"));
    expect(changes).toBeGreaterThan(crashes);

    for (let crash = 0; crash < crashes; crash++) {
      const crashAt = Math.ceil(((crash + (1 + random(999)) / 1_000) / crashes) * changes);
      const note = `killed at change ${crashAt} of ${changes}`;
      const name = `crash ${crash}`;
      await copyTo(name);
      expect((await run(scene, name, crashAt)).signal, note).toBe("SIGKILL");
      const { code, stderr } = await run(scene, name);
      expect(code, `${note}, then: ${stderr}`).toBe(0);
      expect(await contentsOf(join(scene.cwd, name)), note).toEqual(undisturbed);
    }
  });
});

test.each([0, 30])(
  `a run that is killed again and again until it is done comes to the same folder, with %d ms a flush (SEED=${seed})`,
  {
    timeout: 120_000,
  },
  async (flushing) => {
    const random = randomNumbers(seed);
    const scene = await startScene([], flushing);
    expect((await run(scene, "undisturbed", 0)).code).toBe(0);
    const changes = Number(await readFile(join(scene.cwd, "changes"), "utf8"));
    let runs = 0;
    let result = await run(scene, "killed", 1);
    for (; result.signal === "SIGKILL"; runs++) {
      result = await run(scene, "killed", 10 + random(Math.ceil(changes / 4)));
    }
    expect(result.code, result.stderr).toBe(0);
    // None of them came far.
    expect(runs).toBeGreaterThan(2);
    expect(await contentsOf(join(scene.cwd, "killed"))).toEqual(
      await contentsOf(join(scene.cwd, "undisturbed")),
    );
  },
);
