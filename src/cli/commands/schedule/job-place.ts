import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UsageError } from "../../../errors.js";
import type { Job } from "../../../schedule/job.js";
import {
  type DatabaseServer,
  type JobPlace,
  passFileVariable,
} from "../../../schedule/job-place.js";
import type { Edges } from "../../process/edges.js";
import { namedStore, stateFolder } from "../../settings/store-place.js";
import { defaultFolder } from "../shared-options.js";
import type { ScheduleGiven } from "./command.js";

/**
 * Where the runs keep events.
 *
 * @param user as whom they run
 * @throws UsageError where both a folder and a database are named, or no database can have that name
 */
export function jobPlace(
  { dir, to }: Pick<ScheduleGiven, "dir" | "to">,
  user: string,
  edges: Pick<Edges, "env">,
): JobPlace {
  if (to === undefined) {
    return { kind: "folder", path: resolve(dir ?? defaultFolder) };
  }
  if (dir !== undefined) {
    throw new UsageError(`--to ${to} is where events go, and ${dir} a folder for them.`, {
      hint: "Leave one of them out.",
    });
  }
  const store = namedStore(to);
  if (store.engine === "duckdb") {
    return { kind: "file", path: resolve(store.path) };
  }
  const named = edges.env[passFileVariable];
  return {
    kind: "server",
    address: store.url,
    state: stateFolder(edges),
    passFile: named ? resolve(named) : undefined,
    passLine: passLine(store.url, user, edges),
  };
}

/** What a shell has and a scheduler has not, by libpq's names, but for the password. */
const inherited = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSSLMODE"] as const;

/** @param user as whom the runs log in where nothing else is said; absent where that is known without */
export function databaseEnvironment(
  place: JobPlace,
  user: string | undefined,
  { env }: Pick<Edges, "env">,
): Record<string, string> {
  if (place.kind !== "server") {
    return {};
  }
  const given = inherited.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const isNamed = user === undefined || new URL(place.address).username !== "";
  return { ...(isNamed ? {} : { PGUSER: user }), ...Object.fromEntries(given) };
}

/** Where libpq has passwords; in a container nothing is where it looks. */
export function usualPassFile(
  { namedUser }: Pick<Job, "namedUser">,
  { env }: Pick<Edges, "env">,
): string {
  return namedUser ? "/etc/sparky-events/pgpass" : join(env.HOME || homedir(), ".pgpass");
}

/** What is said where the shell has a password that the job does not get. */
export function refusedPassword(
  { passLine }: Pick<DatabaseServer, "passLine">,
  { env }: Pick<Edges, "env">,
): string[] {
  return env.PGPASSWORD
    ? [
        `PGPASSWORD was left out: others can read a schedule. The job reads the password from a file, as the line ${passLine}:PASSWORD.`,
      ]
    : [];
}

/** `host:port:database:user`, in which libpq looks for a password. */
function passLine(address: string, user: string, { env }: Pick<Edges, "env">): string {
  const url = new URL(address);
  const parts = [
    decodeURIComponent(url.hostname).replaceAll(/^\[|\]$/g, "") || env.PGHOST || "localhost",
    url.port || env.PGPORT || "5432",
    decodeURIComponent(url.pathname.slice(1)) || env.PGDATABASE || "*",
    decodeURIComponent(url.username) || env.PGUSER || user.replace(/^.*\\/, ""),
  ];
  return parts.map((part) => part.replaceAll(/[\\:]/g, "\\$&")).join(":");
}
