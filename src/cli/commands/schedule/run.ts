import { existsSync, realpathSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { holdsApiKey } from "../../../config/api-key.js";
import { resolveSettings } from "../../../config/settings.js";
import { UsageError } from "../../../errors.js";
import { cronLines } from "../../../schedule/cron.js";
import { dockerLines } from "../../../schedule/docker.js";
import { clockTime, type Job, type TimeOfDay } from "../../../schedule/job.js";
import { passwordRemarks, placeName } from "../../../schedule/job-place.js";
import { launchdPlist } from "../../../schedule/launchd.js";
import type { Scheduler } from "../../../schedule/schedulers.js";
import { writeKeyCommand } from "../../../schedule/shell.js";
import { systemdScript } from "../../../schedule/systemd.js";
import { windowsTask } from "../../../schedule/windows-task.js";
import { note, warn } from "../../log/messages.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { type ConfigFile, configFolder, readConfigFile } from "../../settings/config-file.js";
import type { ScheduleGiven } from "./command.js";
import { databaseEnvironment, jobPlace, refusedPassword, usualPassFile } from "./job-place.js";

/** Prints what makes a scheduler run `sparky-events sync` every night. */
export async function runSchedule(command: ScheduleGiven, edges: Edges): Promise<void> {
  refuseAbsentOutput();
  // The key is left alone: whoever asks need not be allowed to read its file.
  const ini = await readConfigFile(command.config, edges.env);
  const { settings, warnings } = resolveSettings({ options: {}, ini });
  const job = describeJob(command, ini, settings.giveUpAfter, edges);
  // Written first, because it may refuse.
  const text = write(command.scheduler, job, edges);
  const { doubts, notes } = remarks(
    command.scheduler,
    job,
    { ini, zone: settings.zone.name },
    edges,
  );
  warn(edges, [...(ini?.warnings ?? []), ...warnings, ...doubts]);
  note(edges, notes);
  edges.stdout.writeExact(text);
}

function write(scheduler: Scheduler, job: Job, edges: Edges): string {
  switch (scheduler) {
    case "cron":
      return cronLines(job);
    case "systemd":
      return systemdScript(job);
    case "launchd":
      return launchdPlist(job);
    case "windows":
      return windowsTask(job);
    case "docker":
      return dockerLines(
        { ...job, keyFile: job.keyFile ?? defaultKeyFile(job, edges) },
        usualPassFile(job, edges),
      );
  }
}

function describeJob(
  command: ScheduleGiven,
  ini: ConfigFile | undefined,
  giveUpAfter: number,
  edges: Edges,
): Job {
  const { scheduler, name: givenName = "sparky-events", at = "03:17" } = command;
  const name = readName(givenName);
  const user = command.user ?? currentUser(scheduler, edges);
  const namedUser = command.user !== undefined;
  const place = jobPlace(command, user, edges);
  const job: Job = {
    name,
    node: lastingPath(edges.launch.node),
    script: resolve(edges.launch.script),
    place,
    config: ini && resolve(ini.name),
    keyFile: keyFileOf(command, ini, edges),
    environment: {
      ...networkEnvironment(edges),
      // Of the others, not each tells a program who it is.
      ...databaseEnvironment(place, scheduler === "windows" ? undefined : user, edges),
    },
    user,
    namedUser,
    log: place.kind === "server" ? logOf(name, namedUser) : `${place.path}.log`,
    giveUpAfter,
    at: readTimeOfDay(at),
  };
  const texts = [job.node, job.script, placeName(place), job.config, job.keyFile, job.user];
  for (const text of [...texts, ...Object.values(job.environment)]) {
    if (text !== undefined && /\p{Cc}/u.test(text)) {
      throw new UsageError(`There is a line break or the like in ${JSON.stringify(text)}.`, {
        hint: "No scheduler takes that. Rename it.",
      });
    }
  }
  return job;
}

/** Where macOS has logs. */
function logOf(name: string, namedUser: boolean): string {
  return join(namedUser ? "/" : homedir(), "Library/Logs", `${name}.log`);
}

function currentUser(scheduler: Scheduler, { env }: Edges): string {
  return scheduler === "windows" && env.USERDOMAIN && env.USERNAME
    ? `${env.USERDOMAIN}\\${env.USERNAME}`
    : env.SUDO_USER || userInfo().username;
}

/** Whose content is the key, alone; undefined where the job finds the key in the ini file, or asks. */
function keyFileOf(
  { scheduler, user }: ScheduleGiven,
  ini: ConfigFile | undefined,
  edges: Edges,
): string | undefined {
  const named = edges.env.SPARKPOST_API_KEY_FILE;
  if (named) {
    return resolve(named);
  }
  const inIni = ini && holdsApiKey(ini.entries);
  return inIni || scheduler === "systemd"
    ? undefined
    : defaultKeyFile({ namedUser: user !== undefined }, edges);
}

function defaultKeyFile({ namedUser }: Pick<Job, "namedUser">, { env }: Edges): string {
  return namedUser ? "/etc/sparky-events/api-key" : resolve(configFolder(env), "api-key");
}

/** What a shell has and a scheduler has not. */
function networkEnvironment({ env }: Edges): Record<string, string> {
  const proxy = env.HTTPS_PROXY || env.https_proxy;
  const noProxy = env.NO_PROXY || env.no_proxy;
  const certificates = env.NODE_EXTRA_CA_CERTS;
  return {
    ...(proxy && !holdsPassword(proxy) ? { HTTPS_PROXY: proxy } : {}),
    ...(noProxy ? { NO_PROXY: noProxy } : {}),
    ...(certificates ? { NODE_EXTRA_CA_CERTS: resolve(certificates) } : {}),
  };
}

function holdsPassword(proxy: string): boolean {
  return proxy.includes("@");
}

/**
 * Package managers link the current version of Node.js to a place that stays, while the file that
 * runs is in a folder named after the version.
 */
function lastingPath(node: string): string {
  const places = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map((folder) =>
    join(folder, "node"),
  );
  return places.find((path) => existsSync(path) && realpathSync(path) === node) ?? node;
}

function readTimeOfDay(text: string): TimeOfDay {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new UsageError(`--at: "${text}" is not a time of day.`, {
      hint: "Write hours and minutes, from 00:00 to 23:59, for example 03:17.",
    });
  }
  return { hour: Number(hour), minute: Number(minute) };
}

/** It becomes part of file names, commands and comments. */
function readName(text: string): string {
  if (!/^[a-z0-9]+([._-][a-z0-9]+)*$/i.test(text)) {
    throw new UsageError(`--name: "${text}" cannot be the name of a job.`, {
      hint: "Write letters and digits, with single dots, dashes or underscores between them.",
    });
  }
  return text;
}

const platforms: Readonly<Partial<Record<Scheduler, { platform: string; system: string }>>> = {
  launchd: { platform: "darwin", system: "macOS" },
  windows: { platform: "win32", system: "Windows" },
  systemd: { platform: "linux", system: "Linux" },
};

function remarks(
  scheduler: Scheduler,
  job: Job,
  { ini, zone }: { readonly ini: ConfigFile | undefined; readonly zone: string },
  { env }: Edges,
): { doubts: string[]; notes: string[] } {
  const doubts: string[] = [];
  const notes: string[] = [];
  const inContainer = scheduler === "docker";
  if (/[\\/]_npx[\\/]/.test(job.script) && !inContainer) {
    doubts.push(
      "This sparky-events is in npx's cache, which is emptied now and then. Install it with npm install --global sparky-events, and run sparky-events schedule again.",
    );
  }
  const proxy = env.HTTPS_PROXY || env.https_proxy;
  if (proxy && holdsPassword(proxy)) {
    doubts.push("HTTPS_PROXY holds a password and was left out: others can read a schedule.");
  }
  if (job.place.kind === "server") {
    doubts.push(...refusedPassword(job.place, { env }));
    if (inContainer && /@?(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(job.place.address)) {
      doubts.push(
        "In a container, localhost is the container itself. Name the database's host as it is reached from there.",
      );
    }
    if (scheduler === "launchd" || scheduler === "windows") {
      const file = scheduler === "windows" ? "%APPDATA%\\postgresql\\pgpass.conf" : undefined;
      notes.push(passwordRemarks(job.place, file).join(" ").replaceAll(/ +/g, " "));
    }
  }
  if (scheduler === "windows" && Object.keys(job.environment).length > 0) {
    doubts.push(
      `A task takes no variables. Set them for the user with setx: ${Object.keys(job.environment).join(", ")}.`,
    );
  }
  if (job.user === "root") {
    notes.push("It will run as root. To choose somebody with fewer rights: --user NAME.");
  }
  if (ini === undefined) {
    notes.push("There is no sparkpost.ini, so every setting is left at its default.");
  }
  if (inContainer && ini?.entries.some(({ value }) => /(^|[,\n])\s*@/.test(value))) {
    doubts.push(
      "The files that the ini file names with @ are not in the container. Write their values into the ini file.",
    );
  }
  if (scheduler === "windows" && job.keyFile !== undefined) {
    notes.push(
      `A task takes no variables. For the key: setx SPARKPOST_API_KEY_FILE "${job.keyFile}", or Authorization in the ini file.`,
    );
  }
  if (scheduler === "launchd" && job.keyFile !== undefined) {
    notes.push(
      `The key is read from a file. To write it, type this, paste the key, Enter, Ctrl-D: ${writeKeyCommand(job, job.keyFile)}`,
    );
  }
  const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (machineZone !== zone) {
    notes.push(
      `It runs at ${clockTime(job.at)} of this machine (${machineZone}); the days are those of ${zone}.`,
    );
  }
  const place = platforms[scheduler];
  if (place && place.platform !== process.platform) {
    notes.push(`This is for ${place.system}; the paths in it are those of this machine.`);
  }
  return { doubts, notes };
}
