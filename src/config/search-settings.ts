import type { SearchFilterValues } from "../api/search.js";
import type { SearchFilterName } from "../api/search-filters.js";
import { bounceClassCodes } from "../catalog/bounce-class-codes.js";
import { bounceClasses, eventTypes } from "../catalog/event-catalog.js";
import { nameKey } from "../catalog/name-key.js";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { readFilterValues } from "./filter-values.js";
import { type FindGiven, type Given, withName } from "./given.js";
import { filterSettings, mainSettings } from "./setting-names.js";
import { readValueFile } from "./value-file.js";

/** Which events are searched for. */
export interface SearchSettings {
  /** Event types; empty for all. */
  readonly events: readonly string[];
  readonly filters: SearchFilterValues;
}

/** @returns the settings, and warnings about what was probably meant otherwise */
export function readSearchSettings(find: FindGiven): {
  settings: SearchSettings;
  warnings: string[];
} {
  const givenEvents = find(mainSettings.events);
  const events = readEvents(givenEvents);
  const filters = readFilters(find);
  return {
    settings: { events, filters },
    warnings: [...unknownTypes(events, givenEvents), ...unknownBounceClasses(filters, find)],
  };
}

/** Event types; how a known one is written makes no difference. */
function readEvents(given: Given | undefined): string[] {
  const events = readValues(given).map(
    (text) => eventTypes.find(({ type }) => nameKey(type) === nameKey(text))?.type ?? text,
  );
  return [...new Set(events)];
}

/** Values to search for, some of which may be in files. */
function readValues(given: Given | undefined): string[] {
  if (!given) {
    return [];
  }
  const values = readFilterValues(given, (path) => readValueFile(path, given.folder, given));
  if (values.length === 0) {
    // To search for everything instead is hardly what is meant, such as by a variable that is not set.
    throw new UsageError(`${given.name} names no value.`, {
      hint: "Leave it out to search for all, or write what to search for.",
    });
  }
  return values;
}

/** What a value stands for, of filters whose values may be written in other words. */
const filterWords: Partial<Record<SearchFilterName, (text: string) => readonly string[]>> = {
  bounce_classes: bounceClassCodes,
};

function readFilters(find: FindGiven): SearchFilterValues {
  const filters: Partial<Record<SearchFilterName, readonly string[]>> = {};
  for (const setting of filterSettings) {
    const given = find(setting);
    const read = filterWords[setting.filter] ?? ((text) => [text]);
    const written = readValues(given);
    const values = [...new Set(withName(given, () => written.flatMap(read)))];
    if (values.length > 0) {
      filters[setting.filter] = values;
    }
  }
  if (filters.ab_test_versions && !filters.ab_tests) {
    throw new UsageError("A/B test versions are given without an A/B test.", {
      hint: "Add --ab-tests ID (or AbTests in the ini file).",
    });
  }
  return filters;
}

function unknownTypes(events: readonly string[], given: Given | undefined): string[] {
  const known = eventTypes.map(({ type }) => type);
  return events
    .filter((type) => !known.includes(type))
    .map((type) => {
      const meant = nearest(type, known);
      const question = meant ? `did you mean ${meant}?` : "SparkPost documents no such event type.";
      return `${given?.name}: ${type}: ${question} It is asked for as it is.`;
    });
}

function unknownBounceClasses(
  { bounce_classes: codes = [] }: SearchFilterValues,
  find: FindGiven,
): string[] {
  const setting = filterSettings.find(({ filter }) => filter === "bounce_classes");
  const known = bounceClasses.map(({ code }) => String(code));
  return codes
    .filter((code) => !known.includes(code))
    .map(
      (code) =>
        `${setting && find(setting)?.name}: ${code}: SparkPost documents no such bounce class. It is asked for as it is.`,
    );
}
