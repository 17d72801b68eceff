import type { HourTemplates } from "../csv/hour-templates.js";
import type { Constants, Settings } from "./contract.js";
import type { ValueTree } from "./value-tree.js";

/** What a projector writes of each event. */
export interface Task {
  /** What its output is called where it is too large. */
  readonly output: string;
  /** The values that are looked for. */
  readonly tree: ValueTree;
  readonly columns: readonly TaskColumn[];
  /** Writes times; absent where they are written as they are. */
  readonly times: HourTemplates | undefined;
  /** Name of the zone of times that are sent without one. */
  readonly sentZone: string;
  settings(constants: Constants): Settings;
  /** The field of an object or array whose JSON has to be parsed to be written. */
  fieldOfJson(json: string): string;
}

interface TaskColumn {
  /** Number of the value that it shows; undefined for the event itself. */
  readonly value: number | undefined;
  /** Whether that is a time to be formatted. */
  readonly isTime: boolean;
}
