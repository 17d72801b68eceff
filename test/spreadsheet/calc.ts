import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { join, parse } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { SaxesParser } from "saxes";

/** A cell as Calc has it, not as it looks. */
export interface Cell {
  /** `string`, `float`, `date`, `boolean`, `time`, `percentage`, `currency`; empty for a blank cell. */
  readonly type: string;
  /** Text with LF between its lines; a date as `2026-11-19T18:59:59`; a number in digits. */
  readonly value: string;
  readonly formula: string | undefined;
}

const run = promisify(execFile);

/**
 * Opens a CSV in LibreOffice Calc with what its import dialog is set to for a file that begins with a
 * byte order mark: UTF-8 and a comma, with "Detect special numbers" and "Evaluate formulas" switched on,
 * which is the most that it ever makes of a text.
 *
 * The numbers are the tokens of
 * https://help.libreoffice.org/latest/en-US/text/shared/guide/csv_params.html.
 *
 * @param textColumns numbers of the columns that get the column type Text, from 1
 */
export async function openInCalc(
  csv: string,
  folder: string,
  textColumns: readonly number[] = [],
): Promise<Cell[][]> {
  const text = textColumns.map((column) => `${column}/2`).join("/");
  await convert(
    csv,
    folder,
    `CSV:44,34,76,1,${text},1033,false,true,false,false,false,-1,true`,
    "fods",
  );
  return readCells(join(folder, `${parse(csv).name}.fods`));
}

/** Lets Calc open a CSV as above and write it as CSV again: for files whose XML would be too large. */
export async function rewriteInCalc(csv: string, folder: string): Promise<string> {
  const tokens = "44,34,76,1,,1033,false,true,false";
  await convert(csv, folder, `CSV:${tokens}`, `csv:Text - txt - csv (StarCalc):${tokens}`);
  return join(folder, parse(csv).base);
}

export async function calcVersion(): Promise<string> {
  const { stdout } = await run("soffice", ["--version"]).catch((error: unknown) => {
    throw new Error(
      "LibreOffice Calc is needed, and there is no soffice. On Debian: apt-get install libreoffice-calc",
      { cause: error },
    );
  });
  return stdout.trim();
}

async function convert(csv: string, folder: string, filter: string, to: string): Promise<void> {
  // A profile of its own: neither the person's settings nor a Calc that is open come in.
  const profile = pathToFileURL(join(folder, "profile"));
  const { stdout, stderr } = await run("soffice", [
    "--headless",
    `-env:UserInstallation=${profile}`,
    `--infilter=${filter}`,
    "--convert-to",
    to,
    "--outdir",
    folder,
    csv,
  ]);
  // soffice ends with 0 whatever happens.
  if (!stdout.includes("-> ")) {
    throw new Error(`Calc could not open ${csv}: ${stdout}${stderr}`);
  }
}

/** Reads a flat OpenDocument spreadsheet (OASIS ODF 1.3, part 3, section 9) with a single sheet. */
export async function readCells(path: string): Promise<Cell[][]> {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let attributes: Record<string, string> = {};
  let paragraphs: string[] = [];
  const parser = new SaxesParser();
  const addText = (text: string) => {
    if (paragraphs.length > 0) {
      paragraphs.push((paragraphs.pop() ?? "") + text);
    }
  };
  parser.on("opentag", (tag) => {
    const own = tag.attributes as Record<string, string>;
    if (tag.name === "table:table-row") {
      row = [];
    } else if (tag.name === "table:table-cell") {
      attributes = own;
      paragraphs = [];
    } else if (tag.name === "text:p") {
      paragraphs.push("");
    } else if (tag.name === "text:s") {
      addText(" ".repeat(Number(own["text:c"] ?? 1)));
    } else if (tag.name === "text:tab") {
      addText("\t");
    } else if (tag.name === "text:line-break") {
      addText("\n");
    }
  });
  parser.on("text", (text) => {
    // White space between elements is layout.
    if (text.trim() !== "" || !text.includes("\n")) {
      addText(text);
    }
  });
  parser.on("closetag", ({ name }) => {
    if (name === "table:table-cell") {
      const type = attributes["office:value-type"] ?? "";
      const value = cellValue(type, attributes, paragraphs.join("\n"));
      const cell = { type, value, formula: attributes["table:formula"] };
      row.push(...Array(Number(attributes["table:number-columns-repeated"] ?? 1)).fill(cell));
      paragraphs = [];
    } else if (name === "table:table-row") {
      rows.push(row);
    }
  });
  for await (const piece of createReadStream(path, "utf8")) {
    parser.write(piece);
  }
  parser.close();
  return rows;
}

function cellValue(type: string, attributes: Record<string, string>, text: string): string {
  const value = attributes[`office:${type === "float" ? "" : `${type}-`}value`];
  if (type === "date") {
    return value?.includes("T") ? value : `${value}T00:00:00`;
  }
  return value ?? text;
}
