import { instant, type Queries } from "../sql/database.js";

/**
 * Makes the partitions of months that have none yet. Each is a table before it is attached, so that
 * nobody who reads has to wait.
 *
 * @param months their first instants in UTC
 */
export async function ensurePartitions(queries: Queries, months: readonly Date[]): Promise<void> {
  const present = new Set((await readPartitions(queries)).map(({ table }) => table));
  for (const month of months) {
    const table = tableOf(month);
    if (!present.has(table)) {
      await queries.change(
        `create table sparky_events.${table} (like sparky_events.events including defaults including constraints)`,
      );
      await queries.change(
        `alter table sparky_events.events attach partition sparky_events.${table}
        for values from ('${instant(month.getTime())}') to ('${instant(endOf(month))}')`,
      );
    }
  }
}

/**
 * Drops the partitions that end by a moment.
 *
 * @returns number of events in them
 */
export async function dropPartitionsBefore(queries: Queries, moment: number): Promise<number> {
  let events = 0;
  for (const { table, end } of await readPartitions(queries)) {
    if (end <= moment) {
      const [row] = await queries.rows(`select count(*) as events from sparky_events.${table}`);
      events += Number(row?.events);
      await queries.change(`drop table sparky_events.${table}`);
    }
  }
  return events;
}

interface Partition {
  readonly table: string;
  /** Epoch milliseconds, exclusive. */
  readonly end: number;
}

async function readPartitions(queries: Queries): Promise<Partition[]> {
  const rows = await queries.rows(
    `select relname as table from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'sparky_events.events'::regclass order by relname`,
  );
  return rows.flatMap(({ table }) => {
    const [, year, month] = /^events_(\d{4})_(\d\d)$/.exec(table ?? "") ?? [];
    return year && month
      ? [{ table: table ?? "", end: Date.UTC(Number(year), Number(month), 1) }]
      : [];
  });
}

/** `events_2026_11` */
function tableOf(month: Date): string {
  return `events_${month.toISOString().slice(0, "2026-11".length).replace("-", "_")}`;
}

function endOf(month: Date): number {
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
}
