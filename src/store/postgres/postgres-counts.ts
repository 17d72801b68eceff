import type { Span } from "../../time/local-time.js";
import { unitLength } from "../../time/units.js";
import type { CountSelection } from "../event-store.js";
import { instant, type Queries } from "../sql/database.js";
import type { Parameters } from "../sql/parameters.js";
import { keptText } from "../sql/schema.js";

/**
 * Numbers of events by the hour: to count a day's events, an index of them takes as long as it has
 * entries. Whoever adds or removes events changes the numbers in the same transaction, under the lock
 * of loads; so they are always right.
 */
export const hourTable = `create table sparky_events.hours (
  hour timestamptz not null,
  type text collate "C",
  subaccount_id text collate "C",
  events bigint not null
)`;

/** Not unique: a type may be longer than an index takes. */
export const hourIndex = "create index hours_hour on sparky_events.hours (hour)";

/** Keeps the numbers right where somebody deletes events by SQL of their own. */
export const hourTriggers = [
  `create function sparky_events.discount() returns trigger language plpgsql as $$
  begin
    if tg_op = 'TRUNCATE' then
      delete from sparky_events.hours;
    else
      update sparky_events.hours set events = hours.events - gone.events
      from (
        select ${hourOf("time")} as hour, type, subaccount_id, count(*) as events
        from removed group by 1, 2, 3
      ) as gone
      where hours.hour = gone.hour and hours.type is not distinct from gone.type
        and hours.subaccount_id is not distinct from gone.subaccount_id;
    end if;
    return null;
  end $$`,
  `create trigger discount_deleted after delete on sparky_events.events
  referencing old table as removed for each statement execute function sparky_events.discount()`,
  `create trigger discount_truncated after truncate on sparky_events.events
  for each statement execute function sparky_events.discount()`,
];

/**
 * Inserts events, and counts them.
 *
 * @param insertion without an end
 * @returns number of events that were inserted
 */
export async function insertCounted(queries: Queries, insertion: string): Promise<number> {
  const [row] = await queries.rows(
    `with added as (${insertion} returning time, type, subaccount_id),
    fresh as (
      select ${hourOf("time")} as hour, type, subaccount_id, count(*) as events
      from added group by 1, 2, 3
    ),
    earlier as (
      delete from sparky_events.hours where hour in (select hour from fresh)
      returning hour, type, subaccount_id, events
    ),
    counted as (
      insert into sparky_events.hours (hour, type, subaccount_id, events)
      select hour, type, subaccount_id, sum(events)
      from (select * from fresh union all select * from earlier) as counts group by 1, 2, 3
    )
    select count(*) as events from added`,
  );
  return Number(row?.events);
}

/** Counts anew what is left where the events before a moment were removed. */
export async function recountFrom(queries: Queries, moment: number): Promise<void> {
  await queries.change("delete from sparky_events.hours where hour < $1::timestamptz", [
    instant(moment),
  ]);
  await recount(queries, { start: moment, end: moment });
}

/** Counts the events anew of the hours that a range touches. */
export async function recount(queries: Queries, { start, end }: Span): Promise<void> {
  const range = [
    instant(Math.floor(start / unitLength.hour) * unitLength.hour),
    instant(Math.ceil(end / unitLength.hour) * unitLength.hour),
  ];
  await queries.change(
    "delete from sparky_events.hours where hour >= $1::timestamptz and hour < $2::timestamptz",
    range,
  );
  await queries.change(
    `insert into sparky_events.hours (hour, type, subaccount_id, events)
    select ${hourOf("time")}, type, subaccount_id, count(*) from sparky_events.events
    where time >= $1::timestamptz and time < $2::timestamptz group by 1, 2, 3`,
    range,
  );
}

/** Counts events of a range: of whole hours by their numbers, at both ends one by one. */
export function countByHour(
  { start, end }: Span,
  { types, subaccounts }: CountSelection,
  parameters: Parameters,
): string {
  const firstHour = Math.ceil(start / unitLength.hour) * unitLength.hour;
  const hoursEnd = Math.floor(end / unitLength.hour) * unitLength.hour;
  const within = (column: string, from: number, to: number) =>
    [
      `${column} >= ${parameters.add(instant(from))}::timestamptz`,
      `${column} < ${parameters.add(instant(to))}::timestamptz`,
      ...(types ? [`type in ${parameters.addAll(types.map(keptText))}`] : []),
      ...(subaccounts ? [`subaccount_id in ${parameters.addAll(subaccounts.map(keptText))}`] : []),
    ].join(" and ");
  const eachIn = (from: number, to: number) =>
    from < to
      ? [`(select count(*) from sparky_events.events where ${within("time", from, to)})`]
      : [];
  const counts =
    firstHour < hoursEnd
      ? [
          ...eachIn(start, firstHour),
          `(select coalesce(sum(events), 0) from sparky_events.hours
            where ${within("hour", firstHour, hoursEnd)})`,
          ...eachIn(hoursEnd, end),
        ]
      : eachIn(start, end);
  return `select ${counts.join(" + ") || "0"} as events`;
}

function hourOf(time: string): string {
  return `date_trunc('hour', ${time}, 'UTC')`;
}
