import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, so that none of them runs last and alone; the others in any order. */
const longest = [
  "sync-proof",
  "kills",
  "sync-crash",
  "power-loss",
  "crash-points",
  "memory",
  "sync",
  "locks",
  "workbook",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Folders whose files share no state: each of them loads what it tests, which takes longer than the tests. */
const stateless = [
  ...[
    "api",
    "cli",
    "config",
    "csv",
    "export",
    "files",
    "json-lines",
    "output",
    "partial",
    "slices",
  ],
  ...["sync", "time", "workbook"],
].map((room) => `test/${room}/**/*.test.ts`);

/** `npm run test:long`: large data, many trials of random tests, and each command a process of its own. */
const long = { LONG: "1", OWN_PROCESSES: "1", KILLS: "48", LOSSES: "42", CRASHES: "40" };

export default defineConfig(({ mode }) => ({
  test: {
    globalSetup: "test/support/postgres-door.ts",
    projects: [
      { extends: true, test: { name: "rooms", include: stateless, isolate: false } },
      {
        extends: true,
        test: { name: "commands", include: ["test/**/*.test.ts"], exclude: stateless },
      },
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many tests wait for a process, or a timer.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    env: mode === "long" ? { ...long, ...process.env } : {},
  },
}));
