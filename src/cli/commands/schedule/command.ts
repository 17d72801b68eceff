import { schedulers } from "../../../schedule/schedulers.js";
import { type Declaration, type Given, required, value } from "../declaration.js";
import { unexpected, wrong } from "../exit-codes.js";
import { configOption, folderArgument } from "../shared-options.js";

const jobArguments = {
  scheduler: required("cron, systemd, launchd, windows or docker", schedulers),
  dir: folderArgument,
};

const options = {
  to: value(
    "--to <STORE>",
    "a database instead of a folder: events.duckdb, or postgres://host/database",
  ),
  config: configOption(
    "ini file of the runs (default: ./sparkpost.ini, then ~/.config/sparky-events/, as found now)",
  ),
  at: value(
    "--at <HH:MM>",
    "time of this machine; runs begin up to 10 minutes later (default: 03:17)",
  ),
  user: value("--user <NAME>", "whom it runs as (default: you)"),
  name: value(
    "--name <NAME>",
    "what the scheduler calls it; one for each folder or database (default: sparky-events)",
  ),
};

export type ScheduleGiven = Given<typeof jobArguments, typeof options>;

export const scheduleCommand: Declaration = {
  arguments: jobArguments,
  options,
  examples: [
    ["(crontab -l; sparky-events schedule cron) | crontab -", "every night, by cron"],
    ["sparky-events schedule systemd > nightly.sh", "a script that installs a timer"],
    ["sparky-events schedule cron /srv/mail --at 04:30", "another folder, another time"],
    ["sparky-events schedule cron --to events.duckdb", "into a database"],
  ],
  exitCodes: [["0", "printed"], unexpected, wrong],
};
