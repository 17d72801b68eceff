import { dirname } from "node:path";

/** Where a job keeps events. Paths are absolute. */
export type JobPlace =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string }
  | DatabaseServer;

export interface DatabaseServer {
  readonly kind: "server";
  /** Without a password. */
  readonly address: string;
  /** Path of the folder for what outlasts a run. */
  readonly state: string;
  /** Path of a file in libpq's form (`~/.pgpass`) that was named; absent for where libpq looks. */
  readonly passFile: string | undefined;
  /** The beginning of its line there, before the password. */
  readonly passLine: string;
}

/** What tells `sync` of it. */
export function placeWords(place: JobPlace): string[] {
  switch (place.kind) {
    case "folder":
      return [place.path];
    case "file":
      return ["--to", place.path];
    case "server":
      return ["--to", place.address];
  }
}

/** The folder that a run writes in. */
export function writtenFolder(place: JobPlace): string {
  switch (place.kind) {
    case "folder":
      return place.path;
    case "file":
      // Beside the file are its log of changes, and exports on their way.
      return dirname(place.path);
    case "server":
      return place.state;
  }
}

/** What tells another job apart that has the same name. */
export function placeName(place: JobPlace): string {
  return place.kind === "server" ? place.address : place.path;
}

/** Name of the variable that names the file with passwords of databases. */
export const passFileVariable = "PGPASSFILE";

/** How the password gets where a run finds it. */
export function passwordRemarks(place: JobPlace, where = "~/.pgpass"): string[] {
  return place.kind === "server"
    ? [
        `Where the database asks for a password, it is read from ${place.passFile ?? where}, which nobody`,
        "else may read (chmod 600). Its line there:",
        `    ${place.passLine}:PASSWORD`,
      ]
    : [];
}
