import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newFolder } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A project that has installed the package, and what that needs, and nothing else. */
async function newProject(program: string): Promise<string> {
  const folder = await newFolder();
  const modules = join(folder, "node_modules");
  const { dependencies, version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect(version).toMatch(/^\d/);
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
  for (const name of ["dist", "package.json"]) {
    await cp(join(root, name), join(modules, "sparky-events", name), { recursive: true });
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "ES2023",
        lib: ["ES2023"],
        module: "NodeNext",
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
      },
      include: ["program.ts"],
    }),
  );
  await writeFile(join(folder, "program.ts"), program);
  return folder;
}

async function typeCheck(folder: string): Promise<string> {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  return run(process.execPath, [tsc, "-p", "."], { cwd: folder }).then(
    () => "",
    ({ stdout, stderr }) => stdout + stderr,
  );
}

const program = `
import {
  BusyError,
  type Event,
  exportEvents,
  type ExportResult,
  type Gap,
  resolveZone,
  searchEvents,
  type SyncNotice,
  type SyncOptions,
  type SyncResult,
  syncEvents,
} from "sparky-events";

const [host = "", time = ""] = process.argv.slice(2);
const connection = { apiKey: "0123456789abcdef", host };
const now = new Date(Number(time));
const search = { from: new Date(now.getTime() - 86_400_000), to: now };

const result: ExportResult = await exportEvents({
  connection,
  search,
  columns: ["timestamp", { header: "order", path: ["rcpt_meta", "order", "id"] }],
  output: "day.csv",
});

let found = 0;
for await (const { events } of searchEvents(connection, search)) {
  found += events.length;
  for (const event of events) {
    const subject: string | undefined = event.subject;
    const account: number | undefined = event.customer_id;
    const unknown: unknown = event.something_new;
    const copy: Event = { ...event, type: event.type ?? "" };
    if (subject === "" && account === 0 && unknown === copy) throw new Error("never");
  }
}

const notices: SyncNotice[] = [];
const options: SyncOptions = {
  connection,
  search: { zone: resolveZone("Europe/Berlin"), events: ["bounce"] },
  columns: "timestamp, rcpt_to, bounce_class",
  format: { timestampFormat: "epoch" },
  folder: "archive",
  days: 2,
  onNotice: (notice) => notices.push(notice),
};
const archive: SyncResult = await syncEvents(options);
const gaps: readonly Gap[] = archive.gaps;
const again = await syncEvents({ ...options, days: 2 });
const error: unknown = await syncEvents({ ...options, days: 11 }).catch((reason: unknown) => reason);
console.log(
  JSON.stringify({
    exported: result.events === found && found > 0,
    files: archive.exported.length,
    gaps: gaps.length,
    again: again.exported.length,
    told: notices.filter(({ type }) => type === "exported").length,
    error: String(error),
    busy: new BusyError("").exitCode,
  }),
);
`;

test("a program is checked against the types, and runs", { timeout: 120_000 }, async () => {
  const folder = await newProject(program);
  expect(await typeCheck(folder)).toBe("");
  const { origin, now } = await startTestSandbox(3_000);
  const { stdout, stderr } = await run(process.execPath, ["program.js", origin, `${now}`], {
    cwd: folder,
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    exported: true,
    files: 2,
    gaps: 0,
    again: 0,
    told: 2,
    error: "UsageError: days must be a whole number from 1 to 10.",
    busy: 75,
  });
});

test("a program that is wrong about the types is told so", { timeout: 120_000 }, async () => {
  const folder = await newProject(`
import { type Event, exportEvents, syncEvents } from "sparky-events";
const event: Event = { subject: 5 };
const text: number = event.rcpt_to;
await exportEvents({ connection: { apiKey: "" }, search: { from: "today", to: 5 }, output: "a" });
await syncEvents({ connection: { apiKey: "" }, folder: "a", by: "week" });
`);
  const errors = await typeCheck(folder);
  expect(errors.match(/program\.ts\(\d+/g)).toEqual([
    "program.ts(3",
    "program.ts(4",
    "program.ts(5",
    "program.ts(6",
  ]);
});
