import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import { clockTime, commandOf, type Job, keyFileVariable, longestDelay } from "./job.js";
import { type JobPlace, passFileVariable, placeName, writtenFolder } from "./job-place.js";
import { shellWord } from "./shell.js";

const credential = "sparkpost-api-key";
const passCredential = "pgpass";
const units = "/etc/systemd/system";
const minutesBetweenTries = 30;

/**
 * A shell script that installs a service, its timer and what is started when it fails, all of which
 * stand in it as they are.
 *
 * Sources: systemd.exec(5), systemd.service(5) "Command lines", systemd.unit(5) "Specifiers" and
 * systemd.syntax(7) "Quoting". Every directive is known to systemd 247, the first with credentials.
 *
 * @throws UsageError where a path has no form that systemd reads
 */
export function systemdScript(job: Job): string {
  const { name, keyFile = `/etc/${name}/api-key`, place, user } = job;
  if (!/^[\w.@-]+$/.test(user)) {
    throw new UsageError(`systemd knows no users with such a name: ${user}`, {
      hint: "Name another with --user NAME.",
    });
  }
  const mark = markOf(place);
  const passFile = passFileOf(job);
  const failed = failureUnit(name);
  return `#!/bin/sh
# Runs sparky-events every night from ${clockTime(job.at)} on. To install it, run this script as root:
#     sparky-events schedule systemd ... | sudo sh
#
# When it runs next:  systemctl list-timers ${name}.timer
# Run it now:         systemctl start ${name}.service
# What it said:       journalctl -u ${name}.service
# When it fails:      ${units}/${failed} is started; write into it whom to tell
# Remove it:          systemctl disable --now ${name}.timer && rm ${units}/${name}.* ${units}/${failed}
set -eu

# Another archive's service of that name would run no more.
if [ -e ${units}/${name}.service ] && ! grep -qxF -e ${shellWord(mark)} ${units}/${name}.service; then
  echo 'There is a ${name}.service for another ${place.kind === "folder" ? "folder" : "database"}. Choose a name with --name NAME.' >&2
  exit 1
fi

# The API key, where only root can read it; systemd hands it to the service.
${askOnce(keyFile, "SparkPost API key:")}
${
  passFile === undefined
    ? ""
    : `# The same for the password of the database, in libpq's form.
${askOnce(passFile, `Password of ${placeName(place)}, or nothing where it asks for none:`, passLineOf)}
`
}${place.kind === "server" ? "" : makeFolder(writtenFolder(place), user)}cat > ${units}/${name}.service <<'END'
${service({ ...job, keyFile })}END

cat > ${units}/${name}.timer <<'END'
${timer(job)}END

# What somebody has written into it stays.
if [ ! -e ${units}/${failed} ]; then
cat > ${units}/${failed} <<'END'
${failureService(name)}END
fi

systemctl daemon-reload
systemctl enable --now ${name}.timer
`;
}

/** @param filter what the answer is put through */
function askOnce(path: string, question: string, filter = ""): string {
  const file = shellWord(path);
  return `if [ ! -s ${file} ]; then
  mkdir -p ${shellWord(dirname(path))}
  (umask 077 && systemd-ask-password ${shellWord(question)}${filter} > ${file})
fi
`;
}

const passLineOf = ` | sed -e 's/[\\:]/\\\\&/g' -e 's/^/*:*:*:*:/'`;

function makeFolder(path: string, user: string): string {
  const folder = shellWord(path);
  return `if [ ! -d ${folder} ]; then
  mkdir -p ${folder}
  chown ${shellWord(user)}: ${folder}
fi

`;
}

/** The file with the password of a database; undefined where there is none. */
function passFileOf({ name, place }: Job): string | undefined {
  return place.kind === "server" ? (place.passFile ?? `/etc/${name}/pgpass`) : undefined;
}

/** A line of the service that no other archive's has. */
function markOf(place: JobPlace): string {
  return place.kind === "folder"
    ? writableLine(place.path)
    : `X-Archive=${literal(placeName(place))}`;
}

function failureUnit(name: string): string {
  return `${name}-failed.service`;
}

/** As it is, it writes to the journal what monitoring looks for: an entry of priority 2, critical. */
function failureService(name: string): string {
  return `[Unit]
Description=What happens when ${name}.service has failed

[Service]
Type=oneshot
ExecStart=/bin/echo '<2>${name}.service has failed. To see why: journalctl -u ${name}.service'
# By mail, where there is a mail program; see that it arrives: systemctl start ${failureUnit(name)}
#ExecStart=/bin/sh -c 'journalctl -u ${name}.service -n 50 | mail -s "${name} has failed on %H" you@example.com'
`;
}

function service(job: Job & { readonly keyFile: string }): string {
  const { config, environment, keyFile, name, place, user } = job;
  const passFile = passFileOf(job);
  const limit = startLimit(job);
  const command = [
    "/usr/bin/env",
    // Filled in by systemd. %d would do the same in Environment=, from version 250 on.
    `${keyFileVariable}=\${CREDENTIALS_DIRECTORY}/${credential}`,
    ...(passFile === undefined
      ? []
      : [
          `${passFileVariable}=\${RUNTIME_DIRECTORY}/${passCredential}`,
          `XDG_STATE_HOME=%S/${name}`,
        ]),
    ...commandOf(job).map(argument),
  ];
  return `[Unit]
Description=Archive of SparkPost message events
${place.kind === "folder" ? "" : `${markOf(place)}\n`}Wants=network-online.target
After=network-online.target
OnFailure=${failureUnit(name)}
# When SparkPost was not reached (exit code 4), or the run was killed, it is tried again until there
# were so many starts in such a time; then it has failed. A longer GiveUpAfter needs a longer time: print
# this again. What ends with another code is for a person to mend.
StartLimitIntervalSec=${limit.hours}h
StartLimitBurst=${limit.starts}

[Service]
Type=oneshot
Restart=on-failure
RestartSec=${minutesBetweenTries}min
RestartPreventExitStatus=1 2 3 5 6
User=${user}
${config === undefined ? "" : `WorkingDirectory=${literal(dirname(config))}\n`}${Object.entries(
  environment,
)
  .map(([variable, value]) => `Environment=${quoted(`${variable}=${value}`)}\n`)
  .join("")}LoadCredential=${credential}:${literal(keyFile)}
${passFile === undefined ? "" : passwordLines(name, passFile)}ExecStart=${command.join(" ")}
# Another run is at work there: no failure.
SuccessExitStatus=75

# It can write to its folder and nowhere else. MemoryDenyWriteExecute= would stop Node.js.
UMask=0027
ProtectSystem=strict
${place.kind === "server" ? `StateDirectory=${name}` : writableLine(writtenFolder(place))}
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
`;
}

/**
 * How many starts in how many hours are the last of a night. All of them have to be over within the
 * time, or the service would start again and again, and never have failed; so has the time before the
 * next night's.
 */
function startLimit({ giveUpAfter }: Job): { readonly starts: number; readonly hours: number } {
  // With a third more than a run without network takes.
  const each = (minutesBetweenTries / 60 + giveUpAfter / 3_600_000) * 1.3;
  const starts = Math.min(6, Math.max(1, Math.floor(20 / each)));
  return { starts, hours: Math.min(23, Math.ceil(starts * each)) };
}

/** A credential may look as if a group could read it, and such a file is not taken. */
function passwordLines(name: string, passFile: string): string {
  return `LoadCredential=${passCredential}:${literal(passFile)}
RuntimeDirectory=${name}
RuntimeDirectoryMode=0700
ExecStartPre=/usr/bin/env install -m 600 \${CREDENTIALS_DIRECTORY}/${passCredential} \${RUNTIME_DIRECTORY}/${passCredential}
`;
}

function writableLine(folder: string): string {
  return `ReadWritePaths=${quoted(folder)}`;
}

function timer({ at }: Job): string {
  return `[Unit]
Description=Archive of SparkPost message events, every night

[Timer]
OnCalendar=*-*-* ${clockTime(at)}:00
RandomizedDelaySec=${longestDelay}min
# A night that the machine slept through is made up for.
Persistent=true

[Install]
WantedBy=timers.target
`;
}

/** A word of a command line, in which systemd puts in the values of variables. */
function argument(text: string): string {
  return quoted(text.replaceAll("$", "$$$$"));
}

/** A word where systemd splits a value into words. */
function quoted(text: string): string {
  const escaped = text.replaceAll("%", "%%");
  return /^[\w@+=:,./%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** A value that systemd takes as it stands, to the end of the line. */
function literal(path: string): string {
  if (/[\s\\]$/.test(path)) {
    throw new UsageError(`systemd cannot read a path with such an end: "${path}"`, {
      hint: "Rename the folder or the file: it must not end in a space or a backslash.",
    });
  }
  return path.replaceAll("%", "%%");
}
