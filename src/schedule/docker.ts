import { crontab } from "./cron.js";
import { type Job, keyFileVariable, syncWords } from "./job.js";
import { assignments, randomSleep, shellWord, shellWords, writeKeyCommand } from "./shell.js";

const inContainer = {
  folder: "/data",
  config: "/run/sparkpost.ini",
  key: "/run/secrets/sparkpost-api-key",
  certificates: "/run/extra-ca-certs.pem",
};

/**
 * A line for the crontab of the host. A container runs once and is gone; Docker gives a name to no
 * second one, so runs do not overlap.
 *
 * @param job with a key file
 */
export function dockerLines(job: Job & { readonly keyFile: string }): string {
  const { NODE_EXTRA_CA_CERTS: certificates, ...environment } = job.environment;
  const { folder, config, keyFile, name } = job;
  const owner = (flag: string) => `$(id ${flag} ${shellWord(job.user)})`;
  const variables = {
    ...environment,
    ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: inContainer.certificates }),
    [keyFileVariable]: inContainer.key,
  };
  const run = [
    "docker run --rm --pull never --read-only --cap-drop ALL --security-opt no-new-privileges",
    `--name ${name} --user "${owner("-u")}:${owner("-g")}"`,
    mount(folder, inContainer.folder, false),
    ...(config === undefined ? [] : [mount(config, inContainer.config, true)]),
    ...(certificates === undefined ? [] : [mount(certificates, inContainer.certificates, true)]),
    mount(keyFile, inContainer.key, true),
    ...assignments(variables).map((assignment) => `--env ${assignment}`),
    "sparky-events",
    shellWords([
      ...syncWords(inContainer.folder, config === undefined ? undefined : inContainer.config),
      "--quiet",
    ]),
  ].join(" ");
  return crontab(
    job,
    [randomSleep, run],
    [
      "Once, in the folder of the Dockerfile, and again for each new version:",
      "    docker build --tag sparky-events .",
      "The folder of the day files, and the key: type this, paste the key, Enter, Ctrl-D:",
      `    mkdir -p ${shellWord(folder)} && ${writeKeyCommand(job, keyFile)}`,
      `Folder, key and ini file must belong to ${job.user}, as whom the container runs.`,
    ],
  );
}

/** Docker reads the value as a record of CSV. */
function mount(source: string, target: string, readonly: boolean): string {
  const field = `source=${source}`;
  const quoted = /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
  return `--mount ${shellWord(`type=bind,${quoted},target=${target}${readonly ? ",readonly" : ""}`)}`;
}
