import { filterSettings, mainSettings, type SettingName } from "../../config/setting-names.js";
import {
  flag,
  type Given,
  type Option,
  optional,
  required,
  type SettingGroup,
  settings,
  value,
} from "./declaration.js";

/** What several commands take. */

export const rangeArguments = {
  from: required("start, such as 2026-11-19, yesterday, or 24h for 24 hours ago"),
  to: optional("end, that unit included; may be left out after a day"),
};

/** Where an archive is when none is named. */
export const defaultFolder = "sparkpost-events";

export const folderArgument = optional(`folder of the archive (default: ./${defaultFolder})`);

export function configOption(
  help = "ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
): Option<string> {
  return value("-c, --config <FILE>", help);
}

export const quietOption = flag("-q, --quiet", "print errors only");
export const verboseOption = flag("-v, --verbose", "print each request, and details of errors");

export const whereOption = value(
  "--where <PATH=VALUE>",
  "only events with this in their metadata, such as rcpt_meta.order_id=4711 (with --store, or a server of it)",
);

const listingFormats = ["table", "csv", "json"] as const;
export type ListingFormat = (typeof listingFormats)[number];

export const listingFormatOption = value(
  "--format <NAME>",
  "table, csv or json (default: table)",
  listingFormats,
);

/** Settings that say how SparkPost is reached and asked, not what becomes of its answers. */
const connectionSettings: readonly SettingName[] = [
  mainSettings.host,
  mainSettings.api,
  mainSettings.perPage,
  mainSettings.concurrency,
  mainSettings.timeout,
  mainSettings.giveUpAfter,
  mainSettings.maxBody,
];

/** What becomes of the answers: the settings that an export has, and sync for the most part. */
export const outputSettings: readonly SettingName[] = Object.values(mainSettings).filter(
  (setting) => !connectionSettings.includes(setting),
);

export function connectionGroup(without: readonly SettingName[] = []): SettingGroup {
  return {
    title: "Connection:",
    settings: connectionSettings.filter((setting) => !without.includes(setting)),
  };
}

export const filterGroups: readonly SettingGroup[] = [
  {
    title: "Filters by the whole value (_ may stand for -):",
    settings: filterSettings.filter(({ byKeyword }) => !byKeyword),
  },
  {
    title: "Filters by keyword (spring finds spring-sale, spr does not):",
    settings: filterSettings.filter(({ byKeyword }) => byKeyword),
  },
];

/** Of the lists that SparkPost can be asked for too. */
export const liveOptions = {
  format: listingFormatOption,
  live: flag("--live", "ask SparkPost too, and mark what the built-in catalog lacks"),
  config: configOption(
    "with --live: ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
  ),
  ...settings(
    { ...mainSettings.host, help: "with --live: the host to ask (default: api.sparkpost.com)" },
    {
      ...mainSettings.timeout,
      help: "with --live: longest silence of one request, 10s at most (default: 10s)",
    },
  ),
};

export type LiveGiven = Given<Record<never, never>, typeof liveOptions>;
