import {
  defaultConcurrency,
  defaultGiveUpAfter,
  defaultMaxBody,
  defaultTimeout,
  mostConcurrency,
} from "../api/client.js";
import { defaultHost, parseHost } from "../api/origin.js";
import { type ApiName, mostPerPage } from "../api/search.js";
import { UsageError } from "../errors.js";
import { formatSize, parseSize } from "../size.js";
import { parseDuration } from "../time/duration.js";
import { defaultRetention } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import type { FindGiven, Given } from "./given.js";
import { readCount, readDuration, readYesNo } from "./read-value.js";
import { mainSettings } from "./setting-names.js";

/** Where events come from, and how they are asked for. */
export interface HostSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly api: ApiName;
  /** Whether a range that begins before what the host keeps is exported as far as it is there. */
  readonly allowExpired: boolean;
  /** How long the host keeps events, in milliseconds; `Infinity` for good. */
  readonly retention: number;
  readonly perPage: number;
  /** The most requests at once. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds. */
  readonly giveUpAfter: number;
  /** Largest answer that is received, unpacked, in bytes. */
  readonly maxBody: number;
}

export function readHostSettings(find: FindGiven): HostSettings {
  return {
    origin: readHost(find(mainSettings.host)),
    api: readApi(find(mainSettings.api)),
    allowExpired: readYesNo(find(mainSettings.allowExpired), false),
    retention: readRetention(find(mainSettings.retention)),
    perPage: readCount(find(mainSettings.perPage), mostPerPage, mostPerPage),
    concurrency: readCount(find(mainSettings.concurrency), defaultConcurrency, mostConcurrency),
    timeout: readDuration(find(mainSettings.timeout), defaultTimeout),
    giveUpAfter: readDuration(find(mainSettings.giveUpAfter), defaultGiveUpAfter),
    maxBody: readMaxBody(find(mainSettings.maxBody)),
  };
}

function readHost(given: Given | undefined): string {
  return parseHost(given?.value ?? defaultHost, given?.name);
}

function readApi(given: Given | undefined): ApiName {
  const name = given?.value.toLowerCase() ?? "events";
  const api = mainSettings.api.values.find((one) => one === name);
  if (api === undefined) {
    throw new UsageError(`${given?.name}: there is no API "${given?.value}".`, {
      hint: "Write events, or message-events for the legacy API of on-premises hosts.",
    });
  }
  return api;
}

/** A duration, for a setting that may have a word in its place. */
function readDurationOr(word: string, { value, name }: Given): number {
  if (!/^\d/.test(value)) {
    throw new UsageError(`${name}: "${value}" is not a duration.`, {
      hint: `Write a number and a unit, such as 400d, or ${word}.`,
    });
  }
  return parseDuration(value, name);
}

/** A day at the least, since an archive has a file per day. */
const leastRetention = unitLength.day;

function readRetention(given: Given | undefined): number {
  if (!given) {
    return defaultRetention;
  }
  if (given.value.toLowerCase() === "unlimited") {
    return Number.POSITIVE_INFINITY;
  }
  const retention = readDurationOr("unlimited", given);
  if (retention < leastRetention) {
    throw new UsageError(`${given.name}: "${given.value}" is too short.`, {
      hint: "Write at least 1d, or unlimited.",
    });
  }
  return retention;
}

/** Even a page of few events, or an error, has some kB. */
const leastBody = 1_000_000;

function readMaxBody(given: Given | undefined): number {
  if (!given) {
    return defaultMaxBody;
  }
  const size = parseSize(given.value, `${given.name}:`);
  if (size < leastBody) {
    throw new UsageError(`${given.name}: "${given.value}" is too small.`, {
      hint: `Write at least ${formatSize(leastBody)}, or leave it out for ${formatSize(defaultMaxBody)}.`,
    });
  }
  return size;
}
