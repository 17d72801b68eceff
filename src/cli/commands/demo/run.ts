import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecords } from "../../../csv/parse-records.js";
import { OutputError, SparkyEventsError } from "../../../errors.js";
import { makeTemporaryFolder } from "../../../files/temporary-folder.js";
import type { Edges } from "../../process/edges.js";
import { formatTable } from "../../terminal/table.js";
import { wrapFor } from "../../terminal/wrap.js";
import { runExport } from "../export/run.js";
import type { DemoGiven } from "./command.js";
import { startStandIn } from "./start-stand-in.js";

const firstRows = 8;
const enoughForFirstRows = 64 * 1024;

/** An ordinary export of yesterday, from a simulator in this process; or a store filled from it. */
export async function runDemo({ store }: DemoGiven, edges: Edges): Promise<void> {
  if (store) {
    const { demonstrateStore } = await import("./demonstrate-store.js");
    return demonstrateStore(edges);
  }
  const folder = await makeTemporaryFolder("sparky-events-demo-");
  const out = join(folder, "yesterday.csv");
  try {
    await exportYesterday(out, edges);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw withoutWayOn(error);
  }
  const { stdout } = edges;
  const table = formatTable(await firstRecords(out), stdout.columns || 100);
  const next = `The file: ${out}\nFor your own events: npx sparky-events init, then: npx sparky-events yesterday\n`;
  stdout.write(`\n${table}\n\n${wrapFor(stdout, next)}`);
}

async function exportYesterday(out: string, edges: Edges): Promise<void> {
  const sandbox = await startStandIn(edges, { latency: 100, rateLimit: 2 });
  // Small pages, so that there are enough of them to see the progress and the rate limit.
  const settings = { host: sandbox.origin, "per-page": "2000" };
  edges.stderr.write(
    `$ sparky-events yesterday --host ${sandbox.origin} --per-page 2000 --out ${out}\n`,
  );
  try {
    await runExport(
      { from: "yesterday", to: undefined, words: ["yesterday"], out, config: false, settings },
      {
        ...edges,
        env: { ...edges.env, SPARKPOST_API_KEY: "demo" },
      },
    );
  } finally {
    await sandbox.close();
  }
}

/** An export could go on, and be written elsewhere; a demo is only begun anew. */
function withoutWayOn(error: unknown): unknown {
  if (error instanceof SparkyEventsError) {
    error.hint =
      error instanceof OutputError
        ? `The demo writes to ${tmpdir()}; to let it write elsewhere, set TMPDIR.`
        : undefined;
  }
  return error;
}

async function firstRecords(path: string): Promise<string[][]> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(enoughForFirstRows));
    return parseRecords(buffer.toString("utf8", 0, bytesRead)).slice(0, firstRows + 1);
  } finally {
    await file.close();
  }
}
