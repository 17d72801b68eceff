import { findGiven, type SettingSources } from "../../config/given.js";
import {
  filterSettings,
  mainSettings,
  type SettingName,
  syncSettings,
} from "../../config/setting-names.js";
import { UsageError } from "../../errors.js";

const { properties, format, csvDelimiter, timestampFormat, excel, escapeFormulas, timezone } =
  mainSettings;

const ofFiles: readonly SettingName[] = [
  properties,
  format,
  csvDelimiter,
  timestampFormat,
  excel,
  escapeFormulas,
  timezone,
  ...[syncSettings.by, syncSettings.layout, syncSettings.gzip],
];

const narrowing: readonly SettingName[] = [
  mainSettings.events,
  ...filterSettings.filter(({ filter }) => filter !== "subaccounts"),
];

/**
 * Refuses options that say what is in files, where events go into a store as a whole.
 *
 * @param given values of options by name
 * @throws UsageError where one of them is given
 */
export function refuseFileOptions(given: Readonly<Record<string, string | undefined>>): void {
  const name = optionOf(ofFiles, given);
  if (name !== undefined) {
    throw new UsageError(`--${name} is for files: a store keeps each event whole, in UTC.`, {
      hint: "Leave it out.",
    });
  }
  const filter = optionOf(narrowing, given);
  if (filter !== undefined) {
    throw new UsageError(`--${filter} is for files: a store keeps every event.`, {
      hint: "Leave it out; only --subaccounts narrows what a store keeps.",
    });
  }
}

/** A sentence where the ini file narrows what is searched for; columns may stand for other exports. */
export function unusedFilters({ ini }: Pick<SettingSources, "ini">): string[] {
  const unused = narrowing
    .filter((setting) => findGiven({ options: {}, ini }, setting)?.value.trim())
    .map(({ key }) => key);
  return unused.length > 0
    ? [`${unused.join(", ")} in ${ini?.name} have no effect here: a store keeps every event.`]
    : [];
}

function optionOf(
  settings: readonly SettingName[],
  given: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return settings.find(({ option = "" }) => given[option] !== undefined)?.option;
}
