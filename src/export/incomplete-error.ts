import { type Connection, nameOf } from "../api/client.js";
import { formatCount } from "../count.js";
import { IncompleteExportError } from "../errors.js";
import { describePaths } from "../output/numbered-path.js";
import type { Flaw } from "../slices/count-claims.js";
import { mostRestarts } from "../slices/paging.js";

/**
 * @param keptAs paths of what arrived
 * @param connection to where it came from
 */
export function incompleteError(
  flaw: Flaw,
  keptAs: readonly string[],
  connection: Pick<Connection, "name">,
): IncompleteExportError {
  const kept = keptAs.length > 0 ? ` What arrived is in ${describePaths(keptAs)}.` : "";
  const { message, hint } = flawTexts[flaw.kind](flaw, nameOf(connection));
  const { arrived, counted } = flaw;
  return new IncompleteExportError(message, arrived, counted, keptAs, { hint: hint + kept });
}

const flawTexts: Record<
  Flaw["kind"],
  (flaw: Flaw, name: string) => { message: string; hint: string }
> = {
  missing: ({ arrived, counted }, name) => ({
    message: `The export is not complete: ${name} counted ${formatCount(counted)} events, but only ${formatCount(arrived)} arrived.`,
    hint: `Try again. ${name === "SparkPost" ? "Events that are about 10 days old" : "The oldest events"} may have left ${name} while the export ran; a later start of the range avoids that.`,
  }),
  unproven: ({ arrived }, name) => ({
    message: `The export may not be complete: ${formatCount(arrived)} events arrived, but so long after ${name} had counted them that some may have left it by then, and later ones may stand for them in the count.`,
    hint: "It was interrupted for too long. Begin anew, with a later start of the range.",
  }),
  surplus: ({ arrived, counted }, name) => ({
    message: `The export is not right: ${name} counts ${formatCount(counted)} events, but ${formatCount(arrived)} arrived.`,
    hint: "Some are there twice. Try again; with --concurrency 1 there are no ranges that could overlap, and with --per-page 10000 the fewest pages.",
  }),
  shifted: () => ({
    message: `The export is not right: events that came in while it ran shifted the pages of the legacy API, ${mostRestarts + 1} times in a row.`,
    hint: "Some are there twice, and some may be missing. Try again later, or let the range end earlier, when no more events come in.",
  }),
};
