import type { SyncNotice } from "../../../sync/sync-notice.js";
import type { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { chooseProgress } from "../../progress/choose-progress.js";
import { type ProgressDisplay, silentProgress } from "../../progress/progress-display.js";
import type { SyncGiven } from "./command.js";

/** Shows how the export of a period gets on, from its beginning to its end. */
export class PeriodProgress {
  display: ProgressDisplay = silentProgress;
  readonly #start: (name: string) => ProgressDisplay;

  constructor(
    { quiet = false, verbose = false }: Pick<SyncGiven, "quiet" | "verbose">,
    log: RunLog,
    edges: Edges,
  ) {
    this.#start = (name) => chooseProgress({ quiet, verbose, name }, log, edges);
    this.display = this.#start("counting");
  }

  follow(notice: SyncNotice): void {
    this.stop();
    if (notice.type === "exporting") {
      this.display = this.#start(notice.name);
      this.display.start();
    }
  }

  stop(): void {
    this.display.stop();
    this.display = silentProgress;
  }
}
