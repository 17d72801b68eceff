import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { newFolder, type RunningCommand, startCommand } from "../support/command.js";
import { startGatedServer } from "../support/gated-server.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";

const pausingDisk = new URL("../support/pausing-disk.js", import.meta.url).href;
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** Paths of a lock itself, not of the files beside it. */
const lock = "/lock$";

interface Run extends RunningCommand {
  /** Resolves when the run stands at its nth pause, or has ended. */
  readonly reached: (pause: number) => Promise<void>;
  /** Lets the run go on from its nth pause. */
  readonly go: (pause: number) => Promise<void>;
  /** Whether the run has the lock. */
  readonly isHolder: () => Promise<boolean>;
  /** Resolves when the run has the lock, or has ended. */
  readonly settled: () => Promise<void>;
}

/** A server whose answers wait, and a folder where several runs write to the same file. */
async function startScene(options: { pages?: number; missing?: number } = {}) {
  const server = await startGatedServer(options);
  const cwd = await newFolder();
  const partial = join(cwd, "a.csv.partial");

  async function start(
    args: readonly string[] = [],
    pauses: readonly (readonly [call: string, pattern: string])[] = [],
  ): Promise<Run> {
    const signals = await newFolder();
    const run = startCommand(
      [
        ...[yesterday, "--host", server.origin, "-o", "a.csv", "-p", "event_id"],
        ...["--concurrency", "1", "--per-page", "2", ...args],
      ],
      {
        cwd,
        env: {
          SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
          PAUSES: JSON.stringify(pauses),
          PAUSE_FOLDER: signals,
        },
        nodeOptions: ["--import", pausingDisk],
      },
    );
    const hasEnded = () => run.process.exitCode !== null || run.process.signalCode !== null;
    const until = (condition: () => Promise<boolean>) =>
      vi.waitFor(async () => expect(hasEnded() || (await condition())).toBe(true), {
        timeout: 20_000,
        interval: 5,
      });
    const isHolder = async () => {
      const text = await readFile(join(partial, "lock"), "utf8").catch(() => "");
      return text.includes(`"pid":${run.process.pid},`);
    };
    return {
      ...run,
      isHolder,
      reached: (pause) => until(async () => existsSync(join(signals, `reached-${pause}`))),
      go: (pause) => writeFile(join(signals, `go-${pause}`), ""),
      settled: () => until(isHolder),
    };
  }

  /** Starts a run, and returns when it has asked for a page that it does not get. */
  async function startAtWork(args: readonly string[] = []): Promise<Run> {
    const asked = server.asked;
    const run = await start(args);
    await run.settled();
    await vi.waitFor(() => expect(server.asked).toBeGreaterThan(asked), { timeout: 20_000 });
    return run;
  }

  /** Leaves what a run does that is killed after its first page. */
  async function leaveKilled(): Promise<void> {
    const run = await startAtWork();
    await server.answer(1);
    await vi.waitFor(() => expect(server.waiting).toBe(1), { timeout: 20_000 });
    run.process.kill("SIGKILL");
    await run.finished;
  }

  const codes = (...runs: Run[]) =>
    Promise.all(runs.map(async ({ finished }) => (await finished).code));
  return { server, cwd, partial, start, startAtWork, leaveKilled, codes };
}

type Scene = Awaited<ReturnType<typeof startScene>>;

async function expectWhole({ server, cwd }: Scene): Promise<void> {
  expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(server.csv);
  expect(await readdir(cwd)).toEqual(["a.csv"]);
}

describe("a lock", () => {
  test("that is given back while another run looks at it goes to one run only", async () => {
    const scene = await startScene();
    const holder = await scene.startAtWork();
    const late = await scene.start(
      [],
      [
        ["readFile", lock],
        ["rename", lock],
      ],
    );
    await late.reached(0);
    holder.process.kill("SIGTERM");
    await holder.finished;
    await late.go(0);
    await Promise.race([late.reached(1), late.settled()]);
    const third = await scene.start();
    await third.settled();
    await late.go(1);
    await late.settled();
    scene.server.open();
    expect((await scene.codes(late, third)).sort()).toEqual([0, 75]);
    await expectWhole(scene);
  });

  test("of a killed run goes to one run only, however long taking it over takes", async () => {
    const scene = await startScene();
    await scene.leaveKilled();
    const first = await scene.start(["--resume"], [["rename", lock]]);
    await first.reached(0);
    const second = await scene.start(["--resume"]);
    await second.settled();
    await first.go(0);
    await first.settled();
    scene.server.open();
    expect(await scene.codes(first, second)).toEqual([0, 75]);
    await expectWhole(scene);
  });

  test("is not taken over from who took it over since it was looked at", async () => {
    const scene = await startScene();
    await scene.leaveKilled();
    const slow = await scene.start(["--resume"], [["link", "lock-after-"]]);
    await slow.reached(0);
    const fast = await scene.startAtWork(["--resume"]);
    await slow.go(0);
    await slow.settled();
    scene.server.open();
    expect(await scene.codes(slow, fast)).toEqual([75, 0]);
    await expectWhole(scene);
  });

  test.each([
    ["before", "rename", lock],
    ["after", "unlink", "lock-after-"],
  ])(
    "that was about to be taken over by a run that was killed is taken over: %s",
    async (_, call, pattern) => {
      const scene = await startScene();
      await scene.leaveKilled();
      for (let round = 0; round < times(2, 3); round++) {
        const killed = await scene.start(["--resume"], [[call, pattern]]);
        await killed.reached(0);
        killed.process.kill("SIGKILL");
        expect((await killed.finished).signal).toBe("SIGKILL");
      }
      const next = await Promise.all([scene.start(["--resume"]), scene.start(["--resume"])]);
      await Promise.all(next.map((run) => run.settled()));
      scene.server.open();
      expect((await scene.codes(...next)).sort()).toEqual([0, 75]);
      await expectWhole(scene);
    },
  );
});

describe("a run that has given its folder back leaves that of the next one alone:", () => {
  test("an incomplete one", async () => {
    const scene = await startScene({ pages: 2, missing: 1 });
    const first = await scene.start([], [["rmdir", "partial$"]]);
    await scene.server.answer(2);
    await first.reached(0);
    scene.server.missing = 0;
    const second = await scene.startAtWork(["--force"]);
    await scene.server.answer(1);
    await vi.waitFor(() => expect(scene.server.waiting).toBe(1), { timeout: 20_000 });
    const there = await readdir(scene.partial);
    await first.go(0);
    expect((await first.finished).code).toBe(5);
    expect(await readdir(scene.partial)).toEqual(there);
    expect(await second.isHolder()).toBe(true);
    scene.server.open();
    expect((await second.finished).code).toBe(0);
    expect(await readFile(join(scene.cwd, "a.csv"), "utf8")).toBe(scene.server.csv);
  });

  test.each([0, 1])("one whose lock was removed by hand, with %d pages", async (pages) => {
    const scene = await startScene();
    const first = await scene.startAtWork();
    await scene.server.answer(pages);
    await vi.waitFor(() => expect(scene.server.waiting).toBe(1), { timeout: 20_000 });
    await rm(join(scene.partial, "lock"));
    const second = await scene.startAtWork(["--force"]);
    await vi.waitFor(() => expect(scene.server.waiting).toBe(2), { timeout: 20_000 });
    const there = await readdir(scene.partial);
    first.process.kill("SIGTERM");
    const { code, stderr } = await first.finished;
    expect(code).toBe(143);
    expect(stderr).not.toContain("--resume");
    expect(await readdir(scene.partial)).toEqual(there);
    scene.server.open();
    expect(await scene.codes(second)).toEqual([0]);
    await expectWhole(scene);
  });

  test.each([0, 1])(
    "one whose lock was removed by hand, at its end, %d events missing",
    async (missing) => {
      const scene = await startScene({ pages: 2, missing });
      const first = await scene.startAtWork();
      await scene.server.answer(1);
      await vi.waitFor(() => expect(scene.server.waiting).toBe(1), { timeout: 20_000 });
      await rm(join(scene.partial, "lock"));
      const second = await scene.start(["--force"], [["readFile", lock]]);
      await vi.waitFor(() => expect(scene.server.waiting).toBe(2), { timeout: 20_000 });
      const there = await readdir(scene.partial);
      await scene.server.answer(1);
      const { code, stderr } = await first.finished;
      expect({ code, stderr }).toEqual({
        code: 75,
        stderr: expect.stringMatching(/^error: Another run has taken over the work on a\.csv\.$/m),
      });
      expect(await readdir(scene.partial)).toEqual(there);
      expect(await readdir(scene.cwd)).toEqual(["a.csv.partial"]);
      scene.server.missing = 0;
      scene.server.open();
      await second.go(0);
      expect(await scene.codes(second)).toEqual([0]);
      await expectWhole(scene);
    },
  );
});

/** How many rounds; more of them by hand: `ROUNDS=200 npx vitest run test/e2e/locks.test.ts`. */
const rounds = Number(process.env.ROUNDS ?? times(2, 4));

test(`of many runs on one target one wins, whatever was left there (${rounds} rounds, SEED=${seed})`, {
  timeout: 60_000 + rounds * 15_000,
}, async () => {
  const random = randomNumbers(seed);
  const leftovers: readonly ((scene: Scene) => Promise<unknown>)[] = [
    async () => {},
    ({ leaveKilled }) => leaveKilled(),
    ({ partial }) => mkdir(partial),
    async ({ leaveKilled, start }) => {
      await leaveKilled();
      const second = await start(["--resume"], [["rename", lock]]);
      await second.reached(0);
      second.process.kill("SIGKILL");
      await second.finished;
    },
  ];
  for (let round = 0; round < rounds; round++) {
    const scene = await startScene({ pages: 4 });
    await leftovers[(round + random(4)) % leftovers.length]?.(scene);
    for (let kills = random(3); ; kills--) {
      const runs = await Promise.all(
        Array.from({ length: 3 + random(4) }, () => scene.start(["--resume"])),
      );
      await Promise.all(runs.map((run) => run.settled()));
      const winner = await vi.waitFor(
        async () => {
          const running = runs.filter(({ process }) => process.exitCode === null);
          expect(running).toHaveLength(1);
          return running[0] as Run;
        },
        { timeout: 30_000, interval: 5 },
      );
      const losers = runs.filter((run) => run !== winner);
      const told = `round ${round}: ${(await Promise.all(losers.map(({ finished }) => finished))).map(({ stderr }) => stderr).join("")}`;
      expect(await scene.codes(...losers), told).toEqual(losers.map(() => 75));
      expect(await winner.isHolder(), told).toBe(true);
      await vi.waitFor(() => expect(scene.server.waiting).toBe(1), { timeout: 20_000 });
      expect(await readdir(scene.partial), told).toEqual(
        expect.arrayContaining(["journal", "lock", "main"]),
      );
      if (kills <= 0) {
        scene.server.open();
        expect(await scene.codes(winner), told).toEqual([0]);
        break;
      }
      await scene.server.answer(random(2));
      winner.process.kill("SIGKILL");
      await winner.finished;
    }
    await expectWhole(scene);
  }
});
