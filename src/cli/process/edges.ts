import type { Clock } from "../../clock.js";
import type { Screen } from "../terminal/screen.js";

/** Everything outside the process that a command may touch; passed in by whoever starts it. */
export interface Edges {
  /** Absolute paths of Node.js and of the script that this process was started with. */
  readonly launch: { readonly node: string; readonly script: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly clock: Clock;
  /** Aborts when the person or the system asks the command to stop. */
  readonly signal: AbortSignal;
  /** Texts that no message may show; a command adds the API key as soon as it knows it. */
  readonly secrets: Set<string>;
}
