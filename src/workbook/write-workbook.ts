import { open } from "node:fs/promises";
import type { Column } from "../csv/csv-layout.js";
import { kindOf } from "./column-kind.js";
import { ColumnWidths } from "./column-widths.js";
import { RecordReader } from "./record-reader.js";
import { columnName, SheetXml } from "./sheet-xml.js";
import {
  contentTypesXml,
  packageRelationsXml,
  type SheetRange,
  sheetEnd,
  sheetPath,
  sheetStart,
  stylesXml,
  workbookRelationsXml,
  workbookXml,
} from "./workbook-parts.js";
import { ZipFile } from "./zip-file.js";

export interface WorkbookOptions {
  readonly columns: readonly Column[];
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the number of rows that are written. */
  readonly onProgress?: ((rows: number) => void) | undefined;
  /** The most rows in a sheet, with the header. Default: what Excel opens. */
  readonly sheetRows?: number | undefined;
  /** About the most XML in a sheet, in bytes. Default: what everybody can count. */
  readonly sheetBytes?: number | undefined;
}

/** What was written. */
export interface Workbook {
  /** Number of rows in all sheets, without their headers. */
  readonly rows: number;
  readonly sheets: number;
  /** Number of texts that were longer than a cell can hold, and were cut. */
  readonly cutTexts: number;
  /** In bytes. */
  readonly size: number;
}

/** Excel's "specifications and limits". */
const mostRows = 1_048_576;

/** What fits into 31 bits. */
const mostBytes = 2_000_000_000;

/** How much of a sheet is compressed at once. */
const pieceSize = 1 << 20;

/**
 * Makes a workbook of a CSV in `workbookFormat`. Memory does not grow with its size.
 *
 * @param csv path of the CSV
 * @param path of the workbook; what is there is replaced
 */
export async function writeWorkbook(
  csv: string,
  path: string,
  options: WorkbookOptions,
): Promise<Workbook> {
  const file = await open(csv, "r");
  try {
    const zip = await ZipFile.create(path);
    try {
      return await new WorkbookWriter(
        new RecordReader(file, options.columns.length),
        zip,
        options,
      ).write();
    } catch (error) {
      await zip.abandon();
      throw error;
    }
  } finally {
    await file.close();
  }
}

class WorkbookWriter {
  readonly #reader: RecordReader;
  readonly #zip: ZipFile;
  readonly #options: WorkbookOptions;
  readonly #headers: readonly string[];
  readonly #xml: SheetXml;
  readonly #widths: ColumnWidths;
  readonly #sheets: SheetRange[] = [];
  #rows = 0;
  /** Whether the reader is at a record that is still to be written. */
  #hasRecord = false;

  constructor(reader: RecordReader, zip: ZipFile, options: WorkbookOptions) {
    const { columns } = options;
    const kinds = columns.map(kindOf);
    this.#reader = reader;
    this.#zip = zip;
    this.#options = options;
    this.#headers = columns.map(({ header }) => header);
    this.#xml = new SheetXml(kinds);
    this.#widths = new ColumnWidths(kinds, this.#headers);
  }

  async write(): Promise<Workbook> {
    const zip = this.#zip;
    await zip.add("_rels/.rels", packageRelationsXml);
    await zip.add("xl/styles.xml", stylesXml);
    // The names of the columns are known.
    await this.#goOn();
    this.#widths.measure(this.#reader);
    await this.#goOn();
    do {
      await this.#writeSheet();
    } while (this.#hasRecord);
    const sheets = this.#sheets;
    await zip.add("xl/workbook.xml", workbookXml(sheets));
    await zip.add("xl/_rels/workbook.xml.rels", workbookRelationsXml(sheets));
    await zip.add("[Content_Types].xml", contentTypesXml(sheets));
    this.#options.signal?.throwIfAborted();
    const size = await zip.finish();
    return { rows: this.#rows, sheets: sheets.length, cutTexts: this.#xml.cutTexts, size };
  }

  async #writeSheet(): Promise<void> {
    const { sheetRows = mostRows, sheetBytes = mostBytes } = this.#options;
    const xml = this.#xml;
    const index = this.#sheets.length;
    this.#zip.begin(sheetPath(index));
    xml.write(sheetStart(index, this.#widths.widths));
    xml.header(this.#headers, 1);
    let row = 1;
    let bytes = 0;
    while (this.#hasRecord && row < sheetRows && bytes < sheetBytes) {
      row += 1;
      xml.row(this.#reader, row);
      this.#rows += 1;
      if (!this.#reader.next()) {
        await this.#readOn();
      }
      if (xml.length >= pieceSize) {
        bytes += xml.length;
        await this.#writePiece();
      }
    }
    const sheet = {
      name: index === 0 ? "Events" : `Events ${index + 1}`,
      range: `A1:${columnName(this.#headers.length - 1)}${row}`,
    };
    this.#sheets.push(sheet);
    xml.write(sheetEnd(sheet));
    await this.#writePiece();
    await this.#zip.end();
  }

  async #writePiece(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    await this.#zip.write(this.#xml.take());
    this.#options.onProgress?.(this.#rows);
  }

  async #goOn(): Promise<void> {
    this.#hasRecord = true;
    if (!this.#reader.next()) {
      await this.#readOn();
    }
  }

  /** Goes to the next record where more must be read for that. */
  async #readOn(): Promise<void> {
    do {
      if (!(await this.#reader.fill())) {
        this.#hasRecord = false;
        if (this.#reader.hasRest) {
          throw new Error("the CSV ends in the midst of a record");
        }
        return;
      }
    } while (!this.#reader.next());
  }
}
