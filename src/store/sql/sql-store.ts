import type { FoundPage, PageRequest, SearchQuery } from "../../events-api/event-search.js";
import type { Span } from "../../time/local-time.js";
import type {
  CountSelection,
  Extent,
  LoadedPeriod,
  StoredPeriod,
  StoreFacts,
} from "../event-store.js";
import { type Database, instant, type Queries } from "./database.js";
import { countForgotten, dropForgottenBefore, recipientExtent } from "./forgotten.js";
import { Parameters } from "./parameters.js";
import { findEvents } from "./search.js";
import type { Row } from "./sql-values.js";

/** What both databases do with the same SQL. */
export class SqlStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async readFacts(): Promise<StoreFacts> {
    const rows = await this.#database.rows("select name, value from sparky_events.facts");
    const values = new Map(rows.map(({ name, value }) => [name, value ?? ""]));
    const since = values.get("since");
    return {
      origin: values.get("origin"),
      subaccounts: JSON.parse(values.get("subaccounts") ?? "[]") as string[],
      since: since === undefined ? undefined : Number(since),
      acceptedGaps: JSON.parse(values.get("accepted_gaps") ?? "[]") as string[],
    };
  }

  async writeFacts({
    origin,
    subaccounts,
    since,
    acceptedGaps,
  }: Partial<StoreFacts>): Promise<void> {
    const values = {
      origin,
      subaccounts: subaccounts && JSON.stringify(subaccounts),
      since: since === undefined ? undefined : String(since),
      accepted_gaps: acceptedGaps && JSON.stringify(acceptedGaps),
    };
    await this.#database.transaction(async (queries) => {
      for (const [name, value] of Object.entries(values)) {
        if (value !== undefined) {
          await queries.change(
            `insert into sparky_events.facts (name, value) values ($1, $2)
            on conflict (name) do update set value = excluded.value`,
            [name, value],
          );
        }
      }
    });
  }

  async readPeriods(): Promise<Map<string, StoredPeriod>> {
    const { millis } = this.#database.dialect;
    const rows = await this.#database.rows(
      `select name, ${millis("starts_at")} as starts_at, ${millis("ends_at")} as ends_at, events, total_count,
        ${millis("exported_at")} as exported_at, state, tool_version
      from sparky_events.periods order by starts_at, name`,
    );
    return new Map(rows.map((row) => [row.name ?? "", toPeriod(row)]));
  }

  async count(ranges: readonly Span[], selection: CountSelection = {}): Promise<number[]> {
    const counts: number[] = [];
    for (const range of ranges) {
      const parameters = new Parameters();
      const statement = this.#database.dialect.count(range, selection, parameters);
      const [row] = await this.#database.rows(statement, parameters.values);
      counts.push(Number(row?.events));
    }
    return counts;
  }

  async find(query: SearchQuery, page: PageRequest, signal: AbortSignal): Promise<FoundPage> {
    return await findEvents(this.#database, query, page, signal);
  }

  async recipientExtent(address: string): Promise<Extent> {
    return await recipientExtent(this.#database, this.#database.dialect, address);
  }

  async countForgotten(ranges: readonly Span[]): Promise<number[]> {
    return await countForgotten(this.#database, this.#database.dialect, ranges);
  }

  async dropForgottenBefore(moment: number): Promise<void> {
    const { dialect } = this.#database;
    await this.#database.transaction((queries) => dropForgottenBefore(queries, dialect, moment));
  }

  /** Number of all events, and times of the oldest and the newest. */
  async extent(): Promise<Extent> {
    const { millis } = this.#database.dialect;
    const [row] = await this.#database.rows(
      `select count(*) as events, ${millis("min(time)")} as oldest, ${millis("max(time)")} as newest
      from sparky_events.events`,
    );
    return {
      events: Number(row?.events),
      oldest: toNumber(row?.oldest) ?? undefined,
      newest: toNumber(row?.newest) ?? undefined,
    };
  }
}

/** Puts a period on record, or renews its record. */
export async function recordPeriod(
  queries: Queries,
  timeType: string,
  period: { readonly name: string } & LoadedPeriod,
): Promise<void> {
  await queries.change(
    `insert into sparky_events.periods
      (name, starts_at, ends_at, events, total_count, exported_at, state, tool_version)
    select $1::text, $2::${timeType}, $3::${timeType}, count(*), $4::bigint, $5::${timeType}, $6::text, $7::text
    from sparky_events.events where time >= $2::${timeType} and time < $3::${timeType}
    on conflict (name) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      events = excluded.events, total_count = excluded.total_count, exported_at = excluded.exported_at,
      state = excluded.state, tool_version = excluded.tool_version`,
    [
      period.name,
      instant(period.from),
      instant(period.to),
      period.totalCount === null ? null : String(period.totalCount),
      instant(period.exportedAt),
      period.state,
      period.toolVersion,
    ],
  );
}

/** @returns number of events removed */
export async function removeEventsBefore(
  queries: Queries,
  timeType: string,
  moment: number,
): Promise<number> {
  await queries.change(`delete from sparky_events.periods where ends_at <= $1::${timeType}`, [
    instant(moment),
  ]);
  await queries.change(`delete from sparky_events.forgotten_events where time < $1::${timeType}`, [
    instant(moment),
  ]);
  return await queries.change(`delete from sparky_events.events where time < $1::${timeType}`, [
    instant(moment),
  ]);
}

function toPeriod(row: Row): StoredPeriod {
  return {
    from: Number(row.starts_at),
    to: Number(row.ends_at),
    rows: Number(row.events),
    totalCount: toNumber(row.total_count),
    exportedAt: Number(row.exported_at),
    state: row.state === "complete" ? "complete" : "partial",
    toolVersion: row.tool_version ?? null,
  };
}

function toNumber(value: string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
