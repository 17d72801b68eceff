/** A nightly run of `sparky-events sync`, before it is written for one scheduler or another. */
export interface Job {
  /** What the scheduler calls it. */
  readonly name: string;
  /** Absolute paths of Node.js and of the script that it runs. */
  readonly node: string;
  readonly script: string;
  /** The folder of the day files; absolute. */
  readonly folder: string;
  /** Absolute path of the ini file; absent where there is none. */
  readonly config: string | undefined;
  /** Absolute path of a file that holds the API key alone; absent where the ini file holds it. */
  readonly keyFile: string | undefined;
  /** Variables that the run needs to reach SparkPost, without the key. */
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  /** Whether that was asked for, rather than being whoever asks. */
  readonly namedUser: boolean;
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
export function syncWords(folder: string, config: string | undefined): string[] {
  return ["sync", folder, ...(config === undefined ? [] : ["--config", config])];
}

/** The command as words, beginning with the program. */
export function commandOf({ node, script, folder, config }: Job): string[] {
  return [node, script, ...syncWords(folder, config)];
}

/** Every variable that the run needs, where the scheduler has no better way to hand over a key. */
export function environmentOf({ environment, keyFile }: Job): Record<string, string> {
  return { ...environment, ...(keyFile === undefined ? {} : { [keyFileVariable]: keyFile }) };
}

/** `03:17` */
export function clockTime({ hour, minute }: TimeOfDay): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
