import type { Declaration, Run } from "./commands/declaration.js";

/** What the overview shows of a command, and where the rest of it is. */
interface ListedCommand {
  readonly name: string;
  /** Its arguments, as in its own help. */
  readonly usage: string;
  readonly description: string;
  readonly declaration: () => Promise<Declaration>;
  readonly run: () => Promise<Run>;
}

/** The command that runs where none is named. */
export const mainCommand = "export";

/** Every command, in the order of help. */
export const listedCommands: readonly ListedCommand[] = [
  {
    name: mainCommand,
    usage: "<from> [to]",
    description:
      "Write every SparkPost message event of a time range to CSV, JSON lines, Parquet or a workbook.",
    declaration: async () => (await import("./commands/export/command.js")).exportCommand,
    run: async () => (await import("./commands/export/run.js")).runExport,
  },
  {
    name: "count",
    usage: "<from> [to]",
    description: "Show how many events a range has, by event type.",
    declaration: async () => (await import("./commands/count/command.js")).countCommand,
    run: async () => (await import("./commands/count/run.js")).runCount,
  },
  {
    name: "sync",
    usage: "[dir]",
    description: "Keep a folder with a file per day complete.",
    declaration: async () => (await import("./commands/sync/command.js")).syncCommand,
    run: async () => (await import("./commands/sync/run.js")).runSync,
  },
  {
    name: "status",
    usage: "[dir]",
    description: "Show what the folder of sync has, and lacks.",
    declaration: async () => (await import("./commands/status/command.js")).statusCommand,
    run: async () => (await import("./commands/status/run.js")).runStatus,
  },
  {
    name: "load",
    usage: "<file...>",
    description: "Load files of JSON lines into a database.",
    declaration: async () => (await import("./commands/load/command.js")).loadCommand,
    run: async () => (await import("./commands/load/run.js")).runLoad,
  },
  {
    name: "store",
    usage: "<action> [subject]",
    description: "Look into a database; forget a person.",
    declaration: async () => (await import("./commands/store/command.js")).storeCommand,
    run: async () => (await import("./commands/store/run.js")).runStore,
  },
  {
    name: "serve",
    usage: "",
    description: "Answer the Events API from a store of your own.",
    declaration: async () => (await import("./commands/serve/command.js")).serveCommand,
    run: async () => (await import("./commands/serve/run.js")).runServe,
  },
  {
    name: "access",
    usage: "<action> [name]",
    description: "Give and take the keys of serve.",
    declaration: async () => (await import("./commands/access/command.js")).accessCommand,
    run: async () => (await import("./commands/access/run.js")).runAccess,
  },
  {
    name: "init",
    usage: "",
    description: "Ask for the key and more; write sparkpost.ini.",
    declaration: async () => (await import("./commands/init/command.js")).initCommand,
    run: async () => (await import("./commands/init/run.js")).runInit,
  },
  {
    name: "check",
    usage: "",
    description: "Check settings, connection and key.",
    declaration: async () => (await import("./commands/check/command.js")).checkCommand,
    run: async () => (await import("./commands/check/run.js")).runCheck,
  },
  {
    name: "types",
    usage: "",
    description: "List the event types.",
    declaration: async () => (await import("./commands/types/command.js")).typesCommand,
    run: async () => (await import("./commands/types/run.js")).runTypes,
  },
  {
    name: "properties",
    usage: "[type]",
    description: "List the event properties, of all types or one.",
    declaration: async () => (await import("./commands/properties/command.js")).propertiesCommand,
    run: async () => (await import("./commands/properties/run.js")).runProperties,
  },
  {
    name: "bounce-classes",
    usage: "",
    description: "List the bounce classes.",
    declaration: async () =>
      (await import("./commands/bounce-classes/command.js")).bounceClassesCommand,
    run: async () => (await import("./commands/bounce-classes/run.js")).runBounceClasses,
  },
  {
    name: "schedule",
    usage: "<scheduler> [dir]",
    description: "Print a nightly sync for cron, systemd and others.",
    declaration: async () => (await import("./commands/schedule/command.js")).scheduleCommand,
    run: async () => (await import("./commands/schedule/run.js")).runSchedule,
  },
  {
    name: "sandbox",
    usage: "",
    description: "Run a stand-in for SparkPost on this machine.",
    declaration: async () => (await import("./commands/sandbox/command.js")).sandboxCommand,
    run: async () => (await import("./commands/sandbox/run.js")).runSandbox,
  },
  {
    name: "demo",
    usage: "",
    description: "Export yesterday from that stand-in; needs no key.",
    declaration: async () => (await import("./commands/demo/command.js")).demoCommand,
    run: async () => (await import("./commands/demo/run.js")).runDemo,
  },
  {
    name: "completion",
    usage: "<shell>",
    description: "Print a script for the Tab key: bash, zsh or fish.",
    declaration: async () => (await import("./commands/completion/command.js")).completionCommand,
    run: async () => (await import("./commands/completion/run.js")).runCompletion,
  },
];

/** A command with its arguments, options and help, but without what it does. */
export interface LoadedCommand extends Omit<ListedCommand, "declaration"> {
  readonly declaration: Declaration;
}

/** @param name of a command that is listed */
export async function loadCommand(name: string): Promise<LoadedCommand> {
  const listed = listedCommands.find((command) => command.name === name);
  if (!listed) {
    throw new Error(`There is no command ${name}.`);
  }
  return { ...listed, declaration: await listed.declaration() };
}

export async function loadCommands(): Promise<readonly LoadedCommand[]> {
  return Promise.all(listedCommands.map(({ name }) => loadCommand(name)));
}
