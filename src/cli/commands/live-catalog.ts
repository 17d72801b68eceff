import { type DocumentedType, fetchDocumentation } from "../../api/documentation.js";
import { eventProperties, eventTypes } from "../../catalog/event-catalog.js";
import { note, warn } from "../log/messages.js";
import type { Edges } from "../process/edges.js";
import { withLittlePatience } from "../settings/probe.js";
import { connect, openSession } from "../settings/session.js";
import { type Listing, writeListing } from "./listing.js";
import type { LiveGiven } from "./shared-options.js";

interface CatalogType {
  readonly type: string;
  readonly description: string;
  readonly properties: ReadonlyMap<string, CatalogProperty>;
  readonly builtIn: boolean;
}

export interface CatalogProperty {
  readonly name: string;
  readonly description: string;
  readonly sample: unknown;
  /** Whether the built-in catalog has it, for the event type that it belongs to. */
  readonly builtIn: boolean;
}

/** Event types by name. */
export type CatalogTypes = ReadonlyMap<string, CatalogType>;

interface MarkedListing extends Omit<Listing, "rows"> {
  readonly entries: readonly { readonly row: Listing["rows"][number]; readonly builtIn: boolean }[];
}

/** Writes a listing of the built-in catalog, and with `--live` of what SparkPost documents beyond it. */
export async function showCatalog(
  command: LiveGiven,
  edges: Edges,
  list: (types: CatalogTypes) => MarkedListing,
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
function joinCatalogs(documented: readonly DocumentedType[]): CatalogTypes {
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
