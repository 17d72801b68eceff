import { IANAZone } from "luxon";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";

/**
 * The IANA names without an area. Listed because ICU takes more than these for a zone and means
 * something else by them: to ICU, BST is Bangladesh and IST is India.
 */
const namesWithoutArea = (
  "CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST " +
  "Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo " +
  "PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu"
).split(" ");

/** Names that Intl knows but does not list, with capitals where no rule would put them. */
const oddlySpelledNames = [
  "America/Argentina/ComodRivadavia",
  "America/Knox_IN",
  "Brazil/DeNoronha",
  "Chile/EasterIsland",
  "Mexico/BajaNorte",
  "Mexico/BajaSur",
];

const listedNames = Intl.supportedValuesOf("timeZone");

/** Names to choose from: UTC, and one for each zone with an area. Others are understood too. */
export const timeZoneNames: readonly string[] = [...new Set(["UTC", ...listedNames])];

const spellings = new Map(
  [...listedNames, ...namesWithoutArea, ...oddlySpelledNames].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

const fixedOffset = /^(?:UTC|GMT|Z)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?$/i;

/**
 * Finds the time zone with an IANA name, in any mix of upper and lower case. The zone carries the
 * usual spelling, and stays under the name given: Asia/Kolkata does not become Asia/Calcutta.
 *
 * @param name - blank or `undefined` means UTC
 * @throws UsageError when there is no such zone, or when `name` is an offset such as `+02:00`
 */
export function resolveZone(name: string | undefined): IANAZone {
  const wanted = name?.trim() || "UTC";
  const spelling = usualSpelling(wanted);
  if (spelling !== undefined) return IANAZone.create(spelling);

  const offset = fixedOffset.exec(wanted);
  if (offset !== null) {
    throw new UsageError(`Time zone "${wanted}" is an offset, not an IANA name.`, {
      hint: `Use a name such as Europe/Berlin, which follows summer time${fixedZoneHint(offset)}.`,
    });
  }
  const suggestion = suggestZone(wanted);
  throw new UsageError(`Unknown time zone "${wanted}".`, {
    hint:
      suggestion === undefined
        ? "Use an IANA name such as Europe/Berlin, America/New_York or UTC."
        : `Did you mean ${suggestion}?`,
  });
}

/** The usual spelling of a name in any case, or `undefined` when there is no such zone. */
function usualSpelling(name: string): string | undefined {
  const known = spellings.get(name.toLowerCase());
  if (known !== undefined) return known;
  // Intl lists one name of each zone only, but accepts the others.
  return name.includes("/") && IANAZone.isValidZone(name) ? capitalise(name) : undefined;
}

function capitalise(name: string): string {
  return name
    .split("/")
    .map((part) =>
      /^(us|utc|uct|gmt.*|act|lhi|nsw)$/i.test(part)
        ? part.toUpperCase()
        : part.toLowerCase().replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase()),
    )
    .join("/");
}

/** How to write an offset as a zone, for those who do want one: whole hours only have a name. */
function fixedZoneHint([, sign, hours, minutes = "00"]: RegExpExecArray): string {
  // IANA counts these names westwards: what the rest of the world calls +02:00 is Etc/GMT-2.
  const name = Number(hours) === 0 ? "UTC" : `Etc/GMT${sign === "+" ? "-" : "+"}${Number(hours)}`;
  if (minutes !== "00" || usualSpelling(name) === undefined) return "";
  return `, or ${name} for this offset all year`;
}

function suggestZone(name: string): string | undefined {
  const city = cityOf(name.replaceAll(" ", "_"));
  const inSomeArea = areas()
    .map((area) => usualSpelling(`${area}/${city}`))
    .find((spelling) => spelling !== undefined);
  if (inSomeArea !== undefined) return inSomeArea;

  const byCity = new Map(listedNames.map((listed) => [cityOf(listed), listed]));
  const found = nearest(name, [...listedNames, ...byCity.keys()]);
  return found === undefined ? undefined : (byCity.get(found) ?? found);
}

/** The first parts of the listed names: Africa, America and so on. */
function areas(): string[] {
  return [...new Set(listedNames.map((name) => name.split("/")[0]!))];
}

function cityOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
