import { dirname } from "node:path";
import { clockTime, commandOf, environmentOf, type Job, longestDelay } from "./job.js";
import { randomSleep } from "./shell.js";
import { xmlText } from "./xml.js";

/**
 * A property list for launchd: an agent of the person who asks, or a daemon that runs as somebody
 * else. launchd starts no second instance of a job, and starts one that the machine slept through
 * when it wakes up. It has no random delay, so the command begins with one.
 *
 * Source: launchd.plist(5)
 */
export function launchdPlist(job: Job): string {
  const { name, at, config, log, namedUser, user } = job;
  const file = `${name}.plist`;
  const place = namedUser
    ? { folder: "/Library/LaunchDaemons", sudo: "sudo ", domain: "system" }
    : { folder: "~/Library/LaunchAgents", sudo: "", domain: "gui/$(id -u)" };
  const command = ["/bin/sh", "-c", `${randomSleep}; exec "$0" "$@"`, ...commandOf(job)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!--
  Runs sparky-events every night from ${clockTime(at)} on, within ${longestDelay} minutes${namedUser ? "" : ", while you are logged in"}.

  Save it as:        ${place.folder}/${file}
  Switch it on:      ${place.sudo}launchctl bootstrap ${place.domain} ${place.folder}/${file}
  Run it now:        ${place.sudo}launchctl kickstart ${place.domain}/${name}
  How it went:       ${place.sudo}launchctl print ${place.domain}/${name}   (last exit code;
                     75: another run was at work there, which is no failure)
  What it said:      see StandardErrorPath below
  Switch it off:     ${place.sudo}launchctl bootout ${place.domain}/${name}
-->
<plist version="1.0">
${dictionary(
  [
    ["Label", string(name)],
    ...(namedUser ? [["UserName", string(user)] as const] : []),
    ["ProgramArguments", array(command)],
    ...(config === undefined ? [] : [["WorkingDirectory", string(dirname(config))] as const]),
    ...environmentEntry(environmentOf(job)),
    [
      "StartCalendarInterval",
      dictionary(
        [
          ["Hour", integer(at.hour)],
          ["Minute", integer(at.minute)],
        ],
        "  ",
      ),
    ],
    ["StandardOutPath", string(log)],
    ["StandardErrorPath", string(log)],
    ["ProcessType", string("Background")],
  ],
  "",
)}
</plist>
`;
}

type Entry = readonly [key: string, value: string];

function environmentEntry(environment: Readonly<Record<string, string>>): Entry[] {
  const entries = Object.entries(environment).map(([key, value]): Entry => [key, string(value)]);
  return entries.length === 0 ? [] : [["EnvironmentVariables", dictionary(entries, "  ")]];
}

function dictionary(entries: readonly Entry[], indent: string): string {
  const lines = entries.map(
    ([key, value]) => `${indent}  <key>${xmlText(key)}</key>\n${indent}  ${value}\n`,
  );
  return `<dict>\n${lines.join("")}${indent}</dict>`;
}

function array(items: readonly string[]): string {
  return `<array>\n${items.map((item) => `    ${string(item)}\n`).join("")}  </array>`;
}

function string(text: string): string {
  return `<string>${xmlText(text)}</string>`;
}

function integer(value: number): string {
  return `<integer>${value}</integer>`;
}
