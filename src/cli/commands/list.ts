import type { Declaration } from "./declaration.js";

/** What the overview shows of a command, and where the rest of it is. */
export interface ListedCommand {
  readonly name: string;
  /** Its arguments, as in its own help. */
  readonly usage: string;
  readonly description: string;
  readonly load: () => Promise<Declaration>;
}

/** The command that runs where none is named. */
export const mainCommand = "export";

/** Every command, in the order of help. */
export const listedCommands: readonly ListedCommand[] = [
  {
    name: mainCommand,
    usage: "<from> [to]",
    description: "Write every SparkPost message event of a time range to a CSV file or a workbook.",
    load: async () => (await import("./export/command.js")).exportCommand,
  },
  {
    name: "count",
    usage: "<from> [to]",
    description: "Show how many events a range has, by event type.",
    load: async () => (await import("./count/command.js")).countCommand,
  },
  {
    name: "sync",
    usage: "[dir]",
    description: "Keep a folder with a file per day complete.",
    load: async () => (await import("./sync/command.js")).syncCommand,
  },
  {
    name: "status",
    usage: "[dir]",
    description: "Show what the folder of sync has, and lacks.",
    load: async () => (await import("./status/command.js")).statusCommand,
  },
  {
    name: "init",
    usage: "",
    description: "Ask for the key and more; write sparkpost.ini.",
    load: async () => (await import("./init/command.js")).initCommand,
  },
  {
    name: "check",
    usage: "",
    description: "Check settings, connection and key.",
    load: async () => (await import("./check/command.js")).checkCommand,
  },
  {
    name: "types",
    usage: "",
    description: "List the event types.",
    load: async () => (await import("./types/command.js")).typesCommand,
  },
  {
    name: "properties",
    usage: "[type]",
    description: "List the event properties, of all types or one.",
    load: async () => (await import("./properties/command.js")).propertiesCommand,
  },
  {
    name: "bounce-classes",
    usage: "",
    description: "List the bounce classes.",
    load: async () => (await import("./bounce-classes/command.js")).bounceClassesCommand,
  },
  {
    name: "schedule",
    usage: "<scheduler> [dir]",
    description: "Print a nightly sync for cron, systemd and others.",
    load: async () => (await import("./schedule/command.js")).scheduleCommand,
  },
  {
    name: "sandbox",
    usage: "",
    description: "Run a stand-in for SparkPost on this machine.",
    load: async () => (await import("./sandbox/command.js")).sandboxCommand,
  },
  {
    name: "demo",
    usage: "",
    description: "Export yesterday from that stand-in; needs no key.",
    load: async () => (await import("./demo/command.js")).demoCommand,
  },
  {
    name: "completion",
    usage: "<shell>",
    description: "Print a script for the Tab key: bash, zsh or fish.",
    load: async () => (await import("./completion/command.js")).completionCommand,
  },
];

export interface LoadedCommand extends Pick<ListedCommand, "name" | "description"> {
  readonly declaration: Declaration;
}

/** @param name of a command that is listed */
export async function loadCommand(name: string): Promise<LoadedCommand> {
  const listed = listedCommands.find((command) => command.name === name);
  if (!listed) {
    throw new Error(`There is no command ${name}.`);
  }
  return { ...listed, declaration: await listed.load() };
}

export async function loadCommands(): Promise<readonly LoadedCommand[]> {
  return Promise.all(listedCommands.map(({ name }) => loadCommand(name)));
}
