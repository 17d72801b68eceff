import type { PageBuffer } from "../page-buffer.js";
import type { ConvertedPage, PageConverter } from "./page-converter.js";

/** Converts pages, here or in threads. */
export interface PageConversion {
  /**
   * @param body the answer; nothing may touch it until the promise settles
   * @param csv memory for the result, in the same way
   * @param notBefore as for `PageConverter.convert`
   * @returns the page, with its CSV in `csv`
   * @throws MalformedAnswerError where the body is not a whole page
   */
  convert(body: PageBuffer, csv: PageBuffer, notBefore: number): Promise<ConvertedPage>;
  close(): Promise<void>;
}

/** Converts in the thread that asks for it. */
export function localConversion(converter: PageConverter): PageConversion {
  return {
    convert: async (body, csv, notBefore) => convertInto(converter, body, csv, notBefore),
    close: async () => {},
  };
}

export function convertInto(
  converter: PageConverter,
  body: PageBuffer,
  csv: PageBuffer,
  notBefore: number,
): ConvertedPage {
  const page = converter.convert(body.bytes(), notBefore);
  csv.clear(page.csv.length);
  csv.append(page.csv);
  return { ...page, csv: csv.bytes() };
}
