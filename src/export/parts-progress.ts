import type { PartsState } from "../partial/export-state.js";
import type { ExportProgress } from "./export-progress.js";

/** How far all parts are together. */
export class PartsProgress {
  readonly #onProgress: (progress: ExportProgress) => void;
  readonly #parts: ExportProgress[];

  constructor({ total, counts, done }: PartsState, onProgress: (progress: ExportProgress) => void) {
    this.#onProgress = onProgress;
    this.#parts = Array.from({ length: total }, (_, part) => {
      const { events, totalCount } = done.get(part) ?? {
        events: 0,
        totalCount: counts[part] ?? 0,
      };
      return { events, resumed: events, totalCount };
    });
  }

  get sum(): ExportProgress {
    let [events, resumed, totalCount] = [0, 0, 0];
    for (const each of this.#parts) {
      events += each.events;
      resumed += each.resumed;
      totalCount += each.totalCount;
    }
    return { events, resumed, totalCount };
  }

  update(part: number, progress: ExportProgress): void {
    this.#parts[part] = progress;
    this.#onProgress(this.sum);
  }
}
