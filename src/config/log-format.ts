import { findGiven, type SettingSources } from "./given.js";
import { readChoice } from "./read-value.js";
import { mainSettings } from "./setting-names.js";

export type LogFormat = (typeof mainSettings.logFormat.values)[number];

/**
 * How to tell of a run, and of what is wrong with its other settings.
 *
 * @throws UsageError naming the option, or the key and its line
 */
export function resolveLogFormat(sources: SettingSources): LogFormat {
  return readChoice(
    findGiven(sources, mainSettings.logFormat),
    mainSettings.logFormat.values,
    "text",
  );
}
