import { formatCount } from "../count.js";
import { UsageError } from "../errors.js";
import { defaultHost, parseHost } from "./origin.js";
import {
  type CompleteSearch,
  completeSearch,
  delimiterOf,
  encodeValue,
  firstPagePath,
  type Search,
} from "./search.js";
import { type SearchFilter, searchFilters } from "./search-filters.js";

/** Source: SparkPost API documentation, "Events API": the longest URI, scheme and host included. */
const longestUri = 4_096;

/**
 * The links to later pages hold the whole query and a cursor, and may have characters escaped that
 * the first request had not. So a query that can be cut leaves room for that.
 */
const linkRoom = 512;

/**
 * Cuts a search whose URI would be too long into several that find the same events, each event
 * exactly once: only lists are cut of which an event matches one value at most.
 *
 * @param host that is searched; its name is a part of the URI
 * @returns the search itself where it is short enough
 * @throws UsageError where no cut makes it short enough, and as `firstPagePath` does
 */
export function cutSearch(search: Search, host: string = defaultHost): CompleteSearch[] {
  const complete = completeSearch(search);
  const longestPath = longestUri - parseHost(host).length;
  const parts = cutTo(longestPath - linkRoom, complete) ?? cutTo(longestPath, complete);
  if (!parts) {
    throw tooLongError(complete);
  }
  return parts;
}

/**
 * @returns path and query of the first page of a search that is to be one request
 * @throws UsageError where its URI would be too long, and as `firstPagePath` does
 */
export function uncutPagePath(search: Search, host: string = defaultHost): string {
  const path = firstPagePath(search);
  if (path.length > longestUri - parseHost(host).length) {
    throw new UsageError("The filters have too many values for one request.", {
      hint: "exportEvents and countEvents make several of it. Or search for each of cutSearch(search).",
    });
  }
  return path;
}

type ListName = "events" | SearchFilter["name"];

/** A list of which an event matches one value at most. */
interface CuttableList {
  readonly name: ListName;
  /** Values that an API may hold to be the same stay together. */
  readonly groups: readonly (readonly string[])[];
  /** Number of characters in the query. */
  readonly length: number;
}

/** At two requests each, more would take longer than what they find is worth. */
const mostParts = 1_000;

/**
 * @returns undefined where it cannot be done
 * @throws UsageError where it would take too many
 */
function cutTo(longestPath: number, search: CompleteSearch): CompleteSearch[] | undefined {
  const excess = firstPagePath(search).length - longestPath;
  if (excess <= 0) {
    return [search];
  }
  const separator = encodeValue(delimiterOf(search)).length;
  const lists = cuttableLists(search, separator);
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  const longest = longestPiece(lists, total - excess);
  let parts = [search];
  for (const list of lists.filter(({ length }) => length > longest)) {
    const pieces = cutList(list.groups, longest, separator);
    if (!pieces) {
      return undefined;
    }
    const count = parts.length * pieces.length;
    if (count > mostParts) {
      throw tooManyPartsError(list, count);
    }
    // Each piece of one list with each of the other: still disjoint, and together the whole.
    parts = parts.flatMap((part) => pieces.map((piece) => withList(part, list.name, piece)));
  }
  // Lists that cannot be cut may be too long all by themselves.
  return parts.length > 1 ? parts : undefined;
}

/**
 * How long the pieces of the lists may be to fit into the room together. Lists that are shorter than
 * that stay whole and leave their share to the others, which makes for the fewest requests.
 */
function longestPiece(lists: readonly CuttableList[], room: number): number {
  let left = room;
  let share = 0;
  const lengths = lists.map(({ length }) => length).sort((a, b) => a - b);
  for (const [index, length] of lengths.entries()) {
    share = Math.floor(left / (lengths.length - index));
    if (length > share) {
      break;
    }
    left -= length;
  }
  return share;
}

function cuttableLists(search: CompleteSearch, separator: number): CuttableList[] {
  const exact = searchFilters.filter(({ match }) => match === "exact");
  return (["events", ...exact.map(({ name }) => name)] as const)
    .map((name) => {
      const groups = groupAlike(valuesOf(search, name));
      return { name, groups, length: lengthOf(groups, separator) };
    })
    .filter(({ groups }) => groups.length > 1);
}

function cutList(
  groups: CuttableList["groups"],
  longest: number,
  separator: number,
): string[][] | undefined {
  const pieces: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const own = lengthOf([group], separator);
    if (own > longest) {
      return undefined;
    }
    if (length + separator + own > longest) {
      pieces.push([...group]);
      length = own;
    } else {
      pieces.at(-1)?.push(...group);
      length += separator + own;
    }
  }
  return pieces;
}

function lengthOf(groups: CuttableList["groups"], separator: number): number {
  const lengths = groups.flat().map((value) => encodeValue(value).length + separator);
  return lengths.reduce((sum, length) => sum + length, -separator);
}

/** An API may compare without regard to letter case, leading zeros, or how a letter is composed. */
function groupAlike(values: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const value of values) {
    const key = value
      .normalize("NFKC")
      .toLowerCase()
      .trim()
      .replace(/^0+(?=\d+$)/, "");
    const group = groups.get(key) ?? [];
    group.push(value);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function valuesOf(search: CompleteSearch, name: ListName): readonly string[] {
  return (name === "events" ? search.events : search.filters[name as never]) ?? [];
}

function withList(
  search: CompleteSearch,
  name: ListName,
  values: readonly string[],
): CompleteSearch {
  return name === "events"
    ? { ...search, events: values }
    : { ...search, filters: { ...search.filters, [name]: values } };
}

function tooManyPartsError({ name, groups }: CuttableList, count: number): UsageError {
  const option = `--${name.replaceAll("_", "-")}`;
  return new UsageError(
    `The lists of values are so long that ${formatCount(count)} searches would have to be made of them, or more; ${option} has ${formatCount(groups.flat().length)} values.`,
    {
      hint: `At most ${formatCount(mostParts)} are made. Shorten the lists, or give only one long list and look for the other values in the file.`,
    },
  );
}

function tooLongError(search: CompleteSearch): UsageError {
  const [longest] = searchFilters
    .filter(({ name, match }) => match !== "exact" && search.filters[name]?.length)
    .map(({ name }) => ({ name, length: lengthOf([valuesOf(search, name)], 1) }))
    .sort((a, b) => b.length - a.length);
  const limit = formatCount(longestUri);
  if (!longest) {
    return new UsageError(`A value of a filter is too long: a request has ${limit} characters.`, {
      hint: "Shorten the longest value.",
    });
  }
  const option = `--${longest.name.replaceAll("_", "-")}`;
  return new UsageError(
    `The values of ${option} are too long for one request: they take ${formatCount(longest.length)} characters of ${limit} for everything.`,
    {
      hint: `They match by keyword, so an event may match several of them; spread over several requests, it would be found more than once. Give ${option} fewer values.`,
    },
  );
}
