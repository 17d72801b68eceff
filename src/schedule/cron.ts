import { dirname } from "node:path";
import { clockTime, commandOf, environmentOf, type Job, longestDelay } from "./job.js";
import { passwordRemarks } from "./job-place.js";
import { assignments, randomSleep, shellWord, shellWords, writeKeyCommand } from "./shell.js";

/** A line for a person's crontab, with comments above it. */
export function cronLines(job: Job): string {
  const run = [
    randomSleep,
    // As if it was typed beside the ini file.
    ...(job.config === undefined ? [] : [`cd ${shellWord(dirname(job.config))}`]),
    [...assignments(environmentOf(job)), shellWords([...commandOf(job), "--quiet"])].join(" "),
  ];
  const remarks = [
    ...(job.keyFile === undefined
      ? []
      : [
          "The key is read from a file. To write it, type this, paste the key, Enter, Ctrl-D:",
          `    ${writeKeyCommand(job, job.keyFile)}`,
        ]),
    ...passwordRemarks(job.place),
  ];
  return crontab(job, run, remarks);
}

/** @param steps shell commands, each of which must succeed before the next */
export function crontab(
  { at, user, namedUser }: Pick<Job, "at" | "user" | "namedUser">,
  steps: readonly string[],
  remarks: readonly string[],
): string {
  const edit = namedUser ? `sudo crontab -u ${shellWord(user)} -e` : "crontab -e";
  return [
    `sparky-events: every night from ${clockTime(at)} on, within ${longestDelay} minutes. For \`${edit}\`.`,
    "A run that finds another one at work there leaves it alone (exit code 75). It speaks up",
    "only when something is wrong; cron sends that by mail where MAILTO= and a mail program are set up.",
    ...remarks,
  ]
    .map((line) => `# ${line}\n`)
    .concat(`${at.minute} ${at.hour} * * * ${withoutPercent(steps.join(" && "))}\n`)
    .join("");
}

/**
 * To most crons a `%` is the end of the line and `\%` is a percent sign, to others (BusyBox) neither
 * is; and of several backslashes some take away one. So the shell puts both of them in.
 *
 * Source: crontab(5), "The sixth field".
 *
 * @param command in which both occur within single quotes only
 */
function withoutPercent(command: string): string {
  return command.replaceAll(/[%\\]/g, (character) => {
    const octal = character.charCodeAt(0).toString(8).padStart(3, "0");
    return `'"$(printf '\\${octal}')"'`;
  });
}
