/** What a thread runs that converts pages. */
import { parentPort, workerData } from "node:worker_threads";
import { MalformedAnswerError } from "../api/answer.js";
import { PageBuffer, type PageMemory } from "../page-buffer.js";
import { convertInto } from "./page-conversion.js";
import type { ConvertedPage } from "./page-converter.js";
import { createProjector } from "./projector.js";

export interface ConversionRequest {
  readonly body: PageMemory;
  readonly csv: PageMemory;
  readonly notBefore: number;
}

export type ConversionAnswer =
  | { readonly page: Omit<ConvertedPage, "csv">; readonly csv: PageMemory }
  | { readonly malformed: { readonly message: string; readonly cause: unknown } };

const converter = createProjector(workerData);
const body = new PageBuffer();
const csv = new PageBuffer();

parentPort?.on("message", (request: ConversionRequest) => {
  body.adopt(request.body);
  csv.adopt(request.csv);
  parentPort?.postMessage(convert(request.notBefore));
});

function convert(notBefore: number): ConversionAnswer {
  try {
    const { csv: _, ...page } = convertInto(converter, body, csv, notBefore);
    return { page, csv: csv.share() };
  } catch (error) {
    if (!(error instanceof MalformedAnswerError)) {
      throw error;
    }
    return { malformed: { message: error.message, cause: error.cause } };
  }
}
