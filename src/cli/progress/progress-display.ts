import type { AnswerReport, Wait } from "../../api/client.js";
import type { ExportProgress, WorkbookProgress } from "../../export/export-progress.js";

/** Shows a person how an export gets on. */
export interface ProgressDisplay {
  start(): void;
  progress(progress: ExportProgress): void;
  workbook(progress: WorkbookProgress): void;
  wait(wait: Wait): void;
  answer(answer: AnswerReport): void;
  /** Takes the display off the screen; nothing is shown after it. */
  stop(): void;
}

export const silentProgress: ProgressDisplay = {
  start() {},
  progress() {},
  workbook() {},
  wait() {},
  answer() {},
  stop() {},
};
