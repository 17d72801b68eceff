import { basename, join } from "node:path";
import { crontab } from "./cron.js";
import { type Job, keyFileVariable, syncWords } from "./job.js";
import { type JobPlace, passFileVariable, passwordRemarks, writtenFolder } from "./job-place.js";
import { assignments, randomSleep, shellWord, shellWords, writeKeyCommand } from "./shell.js";

const inContainer = {
  folder: "/data",
  state: "/data/sparky-events",
  passFile: "/run/secrets/pgpass",
  config: "/run/sparkpost.ini",
  key: "/run/secrets/sparkpost-api-key",
  certificates: "/run/extra-ca-certs.pem",
};

/**
 * A line for the crontab of the host. A container runs once and is gone; Docker gives a name to no
 * second one, so runs do not overlap.
 *
 * @param job with a key file
 * @param usualPassFile absolute path of a file with passwords of databases, where the job names none
 */
export function dockerLines(
  job: Job & { readonly keyFile: string },
  usualPassFile: string,
): string {
  const { NODE_EXTRA_CA_CERTS: certificates, ...environment } = job.environment;
  const { config, keyFile, name, place } = job;
  const folder = writtenFolder(place);
  const passFile = place.kind === "server" ? (place.passFile ?? usualPassFile) : undefined;
  const owner = (flag: string) => `$(id ${flag} ${shellWord(job.user)})`;
  const variables = {
    ...environment,
    ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: inContainer.certificates }),
    [keyFileVariable]: inContainer.key,
    ...(passFile === undefined
      ? {}
      : { [passFileVariable]: inContainer.passFile, XDG_STATE_HOME: inContainer.folder }),
  };
  const run = [
    "docker run --rm --pull never --read-only --cap-drop ALL --security-opt no-new-privileges",
    `--name ${name} --user "${owner("-u")}:${owner("-g")}"`,
    mount(folder, place.kind === "server" ? inContainer.state : inContainer.folder, false),
    ...(config === undefined ? [] : [mount(config, inContainer.config, true)]),
    ...(certificates === undefined ? [] : [mount(certificates, inContainer.certificates, true)]),
    mount(keyFile, inContainer.key, true),
    ...(passFile === undefined ? [] : [mount(passFile, inContainer.passFile, true)]),
    ...assignments(variables).map((assignment) => `--env ${assignment}`),
    "sparky-events",
    shellWords([
      ...syncWords(placeInside(place), config === undefined ? undefined : inContainer.config),
      "--quiet",
    ]),
  ].join(" ");
  return crontab(
    job,
    [randomSleep, run],
    [
      "Once, in the folder of the Dockerfile, and again for each new version:",
      "    docker build --tag sparky-events .",
      `${folderNames[place.kind]}, and the key: type this, paste the key, Enter, Ctrl-D:`,
      `    mkdir -p ${shellWord(folder)} && ${writeKeyCommand(job, keyFile)}`,
      `Folder, key and ini file must belong to ${job.user}, as whom the container runs.`,
      ...passwordRemarks(place, usualPassFile),
    ],
  );
}

const folderNames: Readonly<Record<JobPlace["kind"], string>> = {
  folder: "The folder of the day files",
  file: "The folder of the database",
  server: "A folder for exports on their way into the database",
};

function placeInside(place: JobPlace): JobPlace {
  switch (place.kind) {
    case "folder":
      return { ...place, path: inContainer.folder };
    case "file":
      return { ...place, path: join(inContainer.folder, basename(place.path)) };
    case "server":
      return place;
  }
}

/** Docker reads the value as a record of CSV. */
function mount(source: string, target: string, readonly: boolean): string {
  const field = `source=${source}`;
  const quoted = /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
  return `--mount ${shellWord(`type=bind,${quoted},target=${target}${readonly ? ",readonly" : ""}`)}`;
}
