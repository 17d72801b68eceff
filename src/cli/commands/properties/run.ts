import { eventProperties } from "../../../catalog/event-catalog.js";
import { nameKey } from "../../../catalog/name-key.js";
import { formatPath } from "../../../csv/column-list.js";
import { wholeEvent } from "../../../csv/whole-event.js";
import { UsageError } from "../../../errors.js";
import { nearest } from "../../../nearest.js";
import type { Edges } from "../../process/edges.js";
import { type CatalogProperty, type CatalogTypes, showCatalog } from "../live-catalog.js";
import type { PropertiesGiven } from "./command.js";

/** @throws UsageError where there is no such event type */
export async function runProperties(command: PropertiesGiven, edges: Edges): Promise<void> {
  await showCatalog(command, edges, (types) => ({
    entries: [
      ...propertiesOf(types, command).map((property) => entryOf(property, types)),
      ...(command.type === undefined ? [wholeEventEntry(types)] : []),
    ],
    shown: ["property", "example", "description"],
    optional: "example",
  }));
}

function entryOf({ name, sample, description, builtIn }: CatalogProperty, types: CatalogTypes) {
  return {
    row: {
      // As columns have it, so that it is told from the whole event.
      property: name === wholeEvent.name ? formatPath([name]) : name,
      json_type: eventProperties[name]?.json_type ?? jsonTypeOf(sample),
      example: sample,
      description,
      event_types: [...types.values()]
        .filter(({ properties }) => properties.has(name))
        .map((other) => other.type),
    },
    builtIn,
  };
}

/** No property, but listed with them as what a column can be. */
function wholeEventEntry(types: CatalogTypes) {
  return {
    row: {
      property: wholeEvent.name,
      json_type: "object",
      example: null,
      description: wholeEvent.description,
      event_types: [...types.keys()],
    },
    builtIn: true,
  };
}

/** Properties of one event type, or of all, each once. */
function propertiesOf(types: CatalogTypes, { type, live }: PropertiesGiven): CatalogProperty[] {
  if (type !== undefined) {
    const found = [...types.values()].find((known) => nameKey(known.type) === nameKey(type));
    if (!found) {
      const meant = nearest(type, [...types.keys()]);
      throw new UsageError(`There is no event type "${type}".`, {
        hint: `${meant ? `Did you mean ${meant}? ` : ""}For all types: sparky-events types${live ? "" : "; with --live it asks SparkPost too"}.`,
      });
    }
    return [...found.properties.values()];
  }
  const properties = new Map<string, CatalogProperty>();
  for (const { properties: ofType } of types.values()) {
    for (const [name, property] of ofType) {
      const known = properties.get(name);
      if (!known || (property.builtIn && !known.builtIn)) {
        properties.set(name, property);
      }
    }
  }
  return [...properties.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function jsonTypeOf(sample: unknown): string {
  if (sample === undefined || sample === null) {
    return "";
  }
  if (Array.isArray(sample)) {
    return "array";
  }
  return Number.isInteger(sample) ? "integer" : typeof sample;
}
