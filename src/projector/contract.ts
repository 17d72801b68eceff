/**
 * What the WebAssembly and its host call by name. Sizes and addresses are the module's own, which the
 * host reads from it; a name that only one side has is found when the module is opened.
 */
import type { WasmGlobal, WasmMemory } from "./web-assembly.js";

/** Globals that the host reads. */
const constantNames = [
  // Why `advance` returns; `refuses` is anything else.
  "needsMore",
  "needsRoom",
  "refuses",
  // Numbers of the answer's members.
  "resultsMember",
  "totalCountMember",
  "linksMember",
  // Sizes: `assembly/limits.ts`.
  "mostColumns",
  "mostValues",
  "keyRoom",
  "pathKeysRoom",
  "longestTime",
  "templatesPerHour",
  "hourLength",
  "overreach",
  // Stands for the event itself as a value.
  "wholeEvent",
  // Addresses of tables.
  "columnValues",
  "columnTimes",
  "rowTimes",
  "rowIds",
  "rowEnds",
  "rowTypes",
  "hourText",
  "hourTime",
  "hourMinutes",
  "hourStarts",
  "hourTemplates",
  "hourTemplateLengths",
] as const;

/** Globals that the host sets before `open`: `assembly/settings.ts`. */
const settingNames = [
  "propertyCount",
  "valueCount",
  "columnCount",
  "typeProperty",
  "timestampProperty",
  "idProperty",
  "writesEvents",
  "delimiter",
  "fieldQuote",
  "endsInCrLf",
  "quotesText",
  "escapesFormulas",
  "writesEpoch",
  "writesMilliseconds",
  "mostCopies",
  "extraBytes",
] as const;

interface Functions {
  heapStart(): number;
  open(): void;
  addKey(property: number, start: number, end: number): void;
  addPathMember(value: number, within: number, start: number, end: number, index: number): void;
  forgetTypes(): void;
  begin(inputStart: number, outputStart: number, outputEnd: number): void;
  moveInput(start: number, end: number): void;
  moveOutput(start: number, end: number): void;
  /** Returns `needsMore`, `needsRoom`, or something else where it does not go on. */
  advance(): number;
  takenUntil(): number;
  writtenUntil(): number;
  rowCount(): number;
  isComplete(): boolean;
}

const functionNames = Object.keys({
  heapStart: true,
  open: true,
  addKey: true,
  addPathMember: true,
  forgetTypes: true,
  begin: true,
  moveInput: true,
  moveOutput: true,
  advance: true,
  takenUntil: true,
  writtenUntil: true,
  rowCount: true,
  isComplete: true,
} satisfies Record<keyof Functions, true>);

export type Constants = Readonly<Record<(typeof constantNames)[number], number>>;
export type Settings = Readonly<Record<(typeof settingNames)[number], number | boolean>>;

/** The module, as its host sees it. */
export interface Wasm extends Functions {
  readonly memory: WasmMemory;
  readonly constants: Constants;
}

/**
 * What the module exports, by the names that the host knows.
 *
 * @throws Error where either side lacks a name that the other one has
 */
export function bindExports(exports: Readonly<Record<string, unknown>>): Wasm {
  const names = ["memory", ...functionNames, ...constantNames, ...settingNames];
  requireSameNames("export", Object.keys(exports), names);
  const constants = Object.fromEntries(
    constantNames.map((name) => [name, (exports[name] as WasmGlobal).value]),
  );
  return { ...(exports as unknown as Functions & { memory: WasmMemory }), constants } as Wasm;
}

/** Tells a module what its projector is to do. */
export function applySettings(
  exports: Readonly<Record<string, unknown>>,
  settings: Settings,
): void {
  for (const name of settingNames) {
    (exports[name] as WasmGlobal).value = Number(settings[name]);
  }
}

/**
 * @param kind of what the module has or wants
 * @param ours names that the host knows
 * @throws Error naming what one side lacks
 */
export function requireSameNames(
  kind: "export" | "import",
  theirs: readonly string[],
  ours: readonly string[],
): void {
  const missing = ours.filter((name) => !theirs.includes(name));
  const unknown = theirs.filter((name) => !ours.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(
      `projector.wasm is not of this version of the program: its ${kind}s ` +
        `lack ${missing.join(", ") || "nothing"}, and have ${unknown.join(", ") || "nothing"} besides.`,
    );
  }
}
