import type { Entry } from "../help/guide.js";

/** Exit codes that several commands have, as their help tells of them. */
export const unexpected: Entry = ["1", "the disk is full, or a bug"];
export const wrong: Entry = ["2", "the command line, or sparkpost.ini, is wrong"];
export const rejected: Entry = [
  "2",
  "the command line, or sparkpost.ini, is wrong, or SparkPost rejected the request",
];
export const keyRefused: Entry = ["3", "SparkPost refused the API key"];
export const storeRefused: Entry = ["3", "the database refused the user or the password"];
export const notReached: Entry = [
  "4",
  "SparkPost could not be reached, or kept failing: try again later",
];
export const busy: Entry = ["75", "another run is at work there; nothing was changed"];
export const interrupted: Entry = [
  "129, 130, 143",
  "interrupted: terminal closed, Ctrl-C, SIGTERM",
];

/** Of the lists that SparkPost can be asked for too. */
export const liveExitCodes: readonly Entry[] = [
  ["0", "listed"],
  unexpected,
  wrong,
  ["3", "with --live: SparkPost refused the API key"],
  ["4", "with --live: SparkPost could not be reached"],
];
