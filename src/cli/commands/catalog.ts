import { type DocumentedType, fetchDocumentation } from "../../api/documentation.js";
import { bounceClasses, eventProperties, eventTypes } from "../../catalog/event-catalog.js";
import { nameKey } from "../../catalog/name-key.js";
import { UsageError } from "../../errors.js";
import { nearest } from "../../nearest.js";
import { note, warn } from "../log/messages.js";
import type { Edges } from "../process/edges.js";
import { withLittlePatience } from "../settings/probe.js";
import { connect, openSession, type SessionCommand } from "../settings/session.js";
import { type Listing, type ListingFormat, writeListing } from "./listing.js";

/** Options of the commands that show the catalog. */
export interface CatalogCommand extends SessionCommand {
  readonly format?: ListingFormat | undefined;
  /** Whether SparkPost itself is asked too. */
  readonly live?: boolean | undefined;
}

export async function runTypes(command: CatalogCommand, edges: Edges): Promise<void> {
  await show(command, edges, (types) => ({
    entries: [...types.values()].map(({ type, description, properties, builtIn }) => ({
      row: { type, description, properties: [...properties.keys()] },
      builtIn,
    })),
    shown: ["type", "description"],
  }));
}

/** @throws UsageError where there is no such event type */
export async function runProperties(
  type: string | undefined,
  command: CatalogCommand,
  edges: Edges,
): Promise<void> {
  await show(command, edges, (types) => ({
    entries: propertiesOf(type, types, command).map(({ name, sample, description, builtIn }) => ({
      row: {
        property: name,
        json_type: eventProperties[name]?.json_type ?? jsonTypeOf(sample),
        example: sample,
        description,
        event_types: [...types.values()]
          .filter(({ properties }) => properties.has(name))
          .map((other) => other.type),
      },
      builtIn,
    })),
    shown: ["property", "example", "description"],
    optional: "example",
  }));
}

export function runBounceClasses(
  { format = "table" }: Pick<CatalogCommand, "format">,
  edges: Edges,
): void {
  const rows = bounceClasses.map((entry) => ({ ...entry }));
  const shown = ["code", "name", "category", "description"];
  writeListing({ rows, shown, optional: "category" }, format, edges);
}

interface CatalogType {
  readonly type: string;
  readonly description: string;
  readonly properties: ReadonlyMap<string, CatalogProperty>;
  readonly builtIn: boolean;
}

interface CatalogProperty {
  readonly name: string;
  readonly description: string;
  readonly sample: unknown;
  /** Whether the built-in catalog has it, for the event type that it belongs to. */
  readonly builtIn: boolean;
}

type Types = ReadonlyMap<string, CatalogType>;

interface MarkedListing extends Omit<Listing, "rows"> {
  readonly entries: readonly { readonly row: Listing["rows"][number]; readonly builtIn: boolean }[];
}

async function show(
  command: CatalogCommand,
  edges: Edges,
  list: (types: Types) => MarkedListing,
): Promise<void> {
  const { format = "table" } = command;
  if (!command.live) {
    const { entries, ...layout } = list(joinCatalogs([]));
    writeListing({ ...layout, rows: entries.map(({ row }) => row) }, format, edges);
    return;
  }
  const session = await openSession(command, edges);
  warn(edges, session.warnings);
  const documented = await fetchDocumentation(withLittlePatience(connect(session, edges)));
  const { entries, ...layout } = list(joinCatalogs(documented));
  const [name = ""] = layout.shown;
  const rows = entries.map(({ row, builtIn }) =>
    format === "table"
      ? { ...row, [name]: `${row[name]}${builtIn ? "" : " *"}` }
      : { ...row, built_in: builtIn },
  );
  writeListing({ ...layout, rows }, format, edges);
  const { host } = new URL(session.settings.origin);
  const missing = entries.filter(({ builtIn }) => !builtIn).length;
  note(edges, [
    missing === 0
      ? `The built-in catalog has all of what ${host} documents here.`
      : `${missing} of these, marked ${format === "table" ? "*" : "in built_in"}, ${missing === 1 ? "is" : "are"} documented by ${host} and not in the built-in catalog. Exports take them all the same.`,
  ]);
}

/** The built-in catalog, and after it what SparkPost documents beyond that. */
function joinCatalogs(documented: readonly DocumentedType[]): Types {
  const types = new Map(eventTypes.map((entry) => [entry.type, builtInType(entry)]));
  for (const { type, properties } of documented) {
    const known = types.get(type);
    const beyond = Object.entries(properties).filter(([name]) => !known?.properties.has(name));
    types.set(type, {
      type,
      description: known?.description ?? String(properties.event_description?.sample ?? ""),
      properties: new Map([
        ...(known?.properties ?? []),
        ...beyond.map(([name, { description, sample }]): [string, CatalogProperty] => [
          name,
          { name, description, sample, builtIn: false },
        ]),
      ]),
      builtIn: known !== undefined,
    });
  }
  return types;
}

function builtInType({ type, description, properties }: (typeof eventTypes)[number]): CatalogType {
  return {
    type,
    description,
    properties: new Map(
      properties.map((name) => {
        const { description, sample } = eventProperties[name] ?? { description: "" };
        return [name, { name, description, sample, builtIn: true }];
      }),
    ),
    builtIn: true,
  };
}

/** Properties of one event type, or of all, each once. */
function propertiesOf(
  type: string | undefined,
  types: Types,
  { live }: CatalogCommand,
): CatalogProperty[] {
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
