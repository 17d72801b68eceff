import { printHeading, printTable } from "./report.js";

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {"at least" | "at most" | "under"} bound
 * @property {number} limit
 * @property {number} measured
 * @property {string} unit
 */

/** @param {Target[]} targets */
export function printTargets(targets) {
  printHeading("Targets");
  printTable([
    ["target", "wanted", "measured", "result"],
    ...targets.map(({ name, bound, limit, measured, unit }) => [
      name,
      `${bound} ${limit}${unit}`,
      `${measured.toFixed(unit === " x" ? 2 : 1)}${unit}`,
      resultOf({ bound, limit, measured }),
    ]),
  ]);
}

function resultOf({ bound, limit, measured }) {
  const met = {
    "at least": measured >= limit,
    "at most": measured <= limit,
    under: measured < limit,
  }[bound];
  return met ? "met" : `missed by ${(Math.abs(measured / limit - 1) * 100).toFixed(0)} %`;
}
