import type { ExportState } from "../partial/export-state.js";
import type { PartialFolder } from "../partial/partial-folder.js";
import { beginFileExport } from "./begin-file-export.js";
import type { ExportTarget, OpenExport, TargetOptions } from "./export-target.js";
import { LifeCycle } from "./life-cycle.js";
import { outputError } from "./output-error.js";

/** The name of a file that is to be, and the folder beside it, which is this run's. */
export class FileTarget implements ExportTarget {
  readonly restored: ExportState | undefined;
  readonly #path: string;
  readonly #options: TargetOptions;
  readonly #folder: PartialFolder;
  readonly #life = new LifeCycle();

  constructor(
    path: string,
    options: TargetOptions,
    folder: PartialFolder,
    restored: ExportState | undefined,
  ) {
    this.#path = path;
    this.#options = options;
    this.#folder = folder;
    this.restored = restored;
  }

  begin(state: ExportState): Promise<OpenExport> {
    return this.#life.end(async () => {
      try {
        const isResumed = this.restored !== undefined;
        return await beginFileExport(this.#path, this.#options, this.#folder, state, isResumed);
      } catch (error) {
        throw outputError(error, this.#path);
      }
    });
  }

  abandon(): Promise<string | undefined> {
    return this.#life.abandon(() => this.#folder.leaveOrRemove(this.restored !== undefined));
  }
}
