import { readdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { csvFormat } from "../formats/csv-format.js";
import type { EventStore } from "../store/event-store.js";
import { storeLayout } from "../store/store-columns.js";
import { resolveZone } from "../time/zone.js";
import { readRecords } from "./inspect-file.js";
import type { KeptPeriod } from "./kept-period.js";
import { type Period, periodsIn } from "./period.js";
import type { FileCondition } from "./plan.js";
import type { StagedPeriod } from "./staged-period.js";
import { removeDeadExports, stagingPath } from "./staging.js";
import { countCountable, readStoredPeriods, spanOf } from "./stored-periods.js";
import type { Placing, PutFacts, SyncTarget } from "./sync-target.js";

/** Where the events of a store come from. */
export interface StoreSource {
  readonly origin: string;
  /** Numbers of subaccounts; empty for all. */
  readonly subaccounts: readonly string[];
}

interface StoreArchiveOptions {
  /** Path of a folder for exports under way, locked by the caller. */
  readonly work: string;
  /** How long the host keeps events, in milliseconds. */
  readonly retention: number;
}

/** The days of a store of events. Whatever is put is added to what is there, each event once. */
export class StoreArchive implements SyncTarget {
  readonly adds = true;
  readonly putsMeanwhile = true;
  readonly records: Map<string, KeptPeriod>;
  since: number | undefined;
  acceptedGaps: readonly string[];
  readonly #store: EventStore;
  readonly #source: StoreSource;
  readonly #work: string;
  readonly #retention: number;
  readonly #conditions: Map<string, FileCondition>;
  #isClaimed = false;

  private constructor(
    store: EventStore,
    source: StoreSource,
    { work, retention }: StoreArchiveOptions,
    contents: Pick<StoreArchive, "records" | "since" | "acceptedGaps"> & {
      readonly conditions: Map<string, FileCondition>;
    },
  ) {
    this.#store = store;
    this.#source = source;
    this.#work = work;
    this.#retention = retention;
    this.#conditions = contents.conditions;
    this.records = contents.records;
    this.since = contents.since;
    this.acceptedGaps = contents.acceptedGaps;
  }

  static async open(
    store: EventStore,
    source: StoreSource,
    options: StoreArchiveOptions,
  ): Promise<StoreArchive> {
    const { since, acceptedGaps } = await store.readFacts();
    const { records, conditions } = await readStoredPeriods(store);
    await removeDeadExports(options.work);
    return new StoreArchive(store, source, options, { records, conditions, since, acceptedGaps });
  }

  pathOf(name: string): string {
    return `${name} in ${this.#store.name}`;
  }

  stagingPath(name: string, whole: boolean): string {
    return stagingPath(this.#work, name, whole);
  }

  async inspect(): Promise<Map<string, FileCondition>> {
    return this.#conditions;
  }

  /** All of a day that is not there yet; else the hours of which SparkPost has more. */
  async missingParts(
    period: Period,
    count: (periods: readonly Period[]) => Promise<number[]>,
  ): Promise<readonly Period[]> {
    const [here] = await countCountable(this.#store, [period]);
    if (here === 0) {
      return [period];
    }
    const hours = periodsIn(period.from, period.to, resolveZone("UTC"), "hour").map((hour) => ({
      ...hour,
      to: Math.min(hour.to, period.to),
    }));
    const [theirs, ours] = [await count(hours), await countCountable(this.#store, hours)];
    return hours.filter((_, index) => (theirs[index] ?? 0) > (ours[index] ?? 0));
  }

  async countStaged(path: string): Promise<number> {
    return (await readRecords(path, false, csvFormat(storeLayout()))).rows;
  }

  async put(
    period: Period,
    parts: readonly StagedPeriod[],
    { from, to, exportedAt, toolVersion }: PutFacts,
  ): Promise<Placing> {
    const { name } = period;
    const earlier = this.records.get(name);
    const state = this.#stateOf(period, parts, { from, to, exportedAt });
    const [whole] = parts.length === 1 && isSame(parts[0]?.period, period) ? parts : [];
    const totalCount = whole?.totalCount ?? null;
    const facts = { from, to, totalCount, exportedAt, state, toolVersion };
    await this.#claim();
    await this.#store.load({
      files: parts.map(({ staged }) => staged),
      fallbackTime: from,
      period: { name, ...facts },
    });
    const counted = parts.filter((part) => part.state === "complete");
    const here = await countCountable(
      this.#store,
      counted.map((part) => part.period),
    );
    const lacking = counted.reduce(
      (sum, part, index) => sum + Math.max(0, (part.totalCount ?? 0) - (here[index] ?? 0)),
      0,
    );
    const [rows = 0] = await this.#store.count([spanOf(period)]);
    const [forgotten = 0] = await this.#store.countForgotten([spanOf(period)]);
    const record = { ...facts, rows, forgotten };
    this.records.set(name, record);
    await this.#begin(from);
    await this.#clear(parts, state === "complete" ? name : undefined);
    return { before: earlier?.rows ?? 0, record, lacking };
  }

  async remove(names: readonly string[], since: number): Promise<number> {
    const removed = await this.#store.removeBefore(since);
    for (const name of names) {
      this.records.delete(name);
    }
    if (this.since !== undefined && this.since < since) {
      this.since = since;
      await this.#store.writeFacts({ since });
    }
    return removed;
  }

  async setAcceptedGaps(names: readonly string[]): Promise<void> {
    this.acceptedGaps = [...names];
    await this.#store.writeFacts({ acceptedGaps: names });
  }

  async close(): Promise<void> {}

  /** Hours alone make a day complete where it was before, or where SparkPost still has all of it. */
  #stateOf(
    period: Period,
    parts: readonly StagedPeriod[],
    { from, to, exportedAt }: Pick<PutFacts, "from" | "to" | "exportedAt">,
  ): KeptPeriod["state"] {
    const earlier = this.records.get(period.name);
    const wasWhole =
      earlier?.state === "complete" && earlier.from <= period.from && earlier.to >= period.to;
    const isWhole =
      to >= period.to &&
      parts.every((part) => part.state === "complete") &&
      (wasWhole ||
        from >= exportedAt - this.#retention ||
        parts.some((part) => isSame(part.period, period)));
    return isWhole ? "complete" : "partial";
  }

  /** Keeps the store to its source. Of a host that refuses the key, or is the wrong one, nothing has come. */
  async #claim(): Promise<void> {
    if (!this.#isClaimed) {
      await this.#store.writeFacts(this.#source);
      this.#isClaimed = true;
    }
  }

  async #begin(from: number): Promise<void> {
    if (this.since === undefined || from < this.since) {
      this.since = from;
      await this.#store.writeFacts({ since: from });
    }
  }

  /** @param done name of a period of which nothing is under way any more */
  async #clear(parts: readonly StagedPeriod[], done: string | undefined): Promise<void> {
    for (const { staged } of parts) {
      await unlink(staged);
    }
    if (done !== undefined) {
      const left = (await readdir(this.#work)).filter((entry) => entry.startsWith(done));
      for (const entry of left) {
        await rm(join(this.#work, entry), { recursive: true });
      }
    }
  }
}

function isSame(part: Period | undefined, period: Period): boolean {
  return part?.from === period.from && part.to === period.to;
}
