import { type JobPlace, passFileVariable, placeWords } from "./job-place.js";

/** A nightly run of `sparky-events sync`, before it is written for one scheduler or another. */
export interface Job {
  /** What the scheduler calls it. */
  readonly name: string;
  /** Absolute paths of Node.js and of the script that it runs. */
  readonly node: string;
  readonly script: string;
  readonly place: JobPlace;
  /** Absolute path of the ini file; absent where there is none. */
  readonly config: string | undefined;
  /** Absolute path of a file that holds the API key alone; absent where the ini file holds it. */
  readonly keyFile: string | undefined;
  /** Variables that the run needs to reach SparkPost and the database, without secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  /** Whether that was asked for, rather than being whoever asks. */
  readonly namedUser: boolean;
  /** Absolute path of a file for what runs say, where the scheduler keeps none. */
  readonly log: string;
  /** How long a run keeps trying when SparkPost is not reached, in milliseconds. */
  readonly giveUpAfter: number;
  /** In the time zone of the machine. */
  readonly at: TimeOfDay;
}

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/** Name of the variable that names the file with the API key. */
export const keyFileVariable = "SPARKPOST_API_KEY_FILE";

/** The longest time, in minutes, by which a run is put off, so that not all machines ask at once. */
export const longestDelay = 10;

/** What follows the name of the tool. */
export function syncWords(place: JobPlace, config: string | undefined): string[] {
  return ["sync", ...placeWords(place), ...(config === undefined ? [] : ["--config", config])];
}

/** The command as words, beginning with the program. */
export function commandOf({ node, script, place, config }: Job): string[] {
  return [node, script, ...syncWords(place, config)];
}

/** Every variable that the run needs, where the scheduler has no better way to hand over secrets. */
export function environmentOf({ environment, keyFile, place }: Job): Record<string, string> {
  const passFile = place.kind === "server" ? place.passFile : undefined;
  return {
    ...environment,
    ...(keyFile === undefined ? {} : { [keyFileVariable]: keyFile }),
    ...(passFile === undefined ? {} : { [passFileVariable]: passFile }),
  };
}

/** `03:17` */
export function clockTime({ hour, minute }: TimeOfDay): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
