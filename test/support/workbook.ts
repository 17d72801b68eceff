import { readFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { SaxesParser } from "saxes";

/** A cell as the file says it, not as it looks. */
export type WorkbookCell =
  | { readonly kind: "text"; readonly value: string }
  /** As it is written. */
  | { readonly kind: "number"; readonly value: string; readonly format: string }
  /** By the clock, `2026-11-19T18:59:59.488`. */
  | { readonly kind: "date"; readonly value: string; readonly format: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "formula"; readonly value: string };

export interface Sheet {
  readonly name: string;
  /** By row, then by column; absent where the cell is blank. */
  readonly rows: (WorkbookCell | undefined)[][];
  /** Number of rows that stay in sight. */
  readonly frozen: number;
  /** Range of the filters. */
  readonly filter: string;
  readonly widths: readonly number[];
}

/** Reads a workbook as ECMA-376 says, all of it, without any code of the tool's. */
export async function readWorkbook(path: string): Promise<Sheet[]> {
  const parts = unzipSync(await readFile(path));
  const part = (name: string): string => {
    const bytes = parts[name];
    if (!bytes) {
      throw new Error(`${path} has no part ${name}`);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  };
  const types = attributesOf(part("[Content_Types].xml"), "Override");
  const relations = attributesOf(part("xl/_rels/workbook.xml.rels"), "Relationship");
  const formats = readFormats(part("xl/styles.xml"));
  return attributesOf(part("xl/workbook.xml"), "sheet").map((sheet) => {
    const target = relations.find(({ Id }) => Id === sheet["r:id"])?.Target;
    const name = `xl/${target}`;
    if (!types.some(({ PartName }) => PartName === `/${name}`)) {
      throw new Error(`${name} has no content type`);
    }
    return { name: String(sheet.name), ...readSheet(part(name), formats) };
  });
}

type Attributes = Record<string, string>;

function attributesOf(xml: string, tag: string): Attributes[] {
  const found: Attributes[] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    if (name === tag) {
      found.push(attributes as Attributes);
    }
  });
  parser.write(xml).close();
  return found;
}

/** The format codes of the cell formats. */
function readFormats(styles: string): string[] {
  const builtIn: Record<string, string> = { 0: "General", 1: "0", 49: "@" };
  const own = attributesOf(styles, "numFmt").map(({ numFmtId, formatCode }) => [
    numFmtId,
    formatCode,
  ]);
  const codes: Record<string, string> = { ...builtIn, ...Object.fromEntries(own) };
  const [, cellFormats = ""] = /<cellXfs[^>]*>(.*)<\/cellXfs>/.exec(styles) ?? [];
  return attributesOf(`<x>${cellFormats}</x>`, "xf").map(({ numFmtId = "" }) => codes[numFmtId]!);
}

function readSheet(xml: string, formats: readonly string[]): Omit<Sheet, "name"> {
  const rows: (WorkbookCell | undefined)[][] = [];
  const widths: number[] = [];
  let frozen = 0;
  let filter = "";
  let cell: Attributes = {};
  let text = "";
  let formula: string | undefined;
  const parser = new SaxesParser();
  parser.on("opentag", (tag) => {
    const attributes = tag.attributes as Attributes;
    if (tag.name === "pane" && attributes.state === "frozen") {
      frozen = Number(attributes.ySplit);
    } else if (tag.name === "autoFilter") {
      filter = attributes.ref ?? "";
    } else if (tag.name === "col") {
      widths.push(Number(attributes.width));
    } else if (tag.name === "row") {
      rows[Number(attributes.r) - 1] = [];
    } else if (tag.name === "c") {
      cell = attributes;
      formula = undefined;
      text = "";
    } else if (tag.name === "f") {
      formula = "";
    }
  });
  parser.on("text", (piece) => {
    text += piece;
  });
  parser.on("closetag", ({ name }) => {
    if (name === "f") {
      formula = text;
    } else if (name === "c") {
      const [, letters = "", row = ""] = /^([A-Z]+)(\d+)$/.exec(cell.r ?? "") ?? [];
      const format = formats[Number(cell.s ?? 0)] ?? "";
      const own = rows[Number(row) - 1];
      if (!own || rows.length !== Number(row)) {
        throw new Error(`cell ${cell.r} is not in its row`);
      }
      own[indexOf(letters)] = readCell(cell.t ?? "n", text, format, formula);
    }
  });
  parser.write(xml).close();
  return { rows, widths, frozen, filter };
}

function readCell(
  type: string,
  text: string,
  format: string,
  formula: string | undefined,
): WorkbookCell {
  if (formula !== undefined) {
    return { kind: "formula", value: formula };
  }
  if (type === "inlineStr") {
    const value = text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, unit: string) =>
      String.fromCharCode(Number.parseInt(unit, 16)),
    );
    return { kind: "text", value };
  }
  if (type === "b") {
    return { kind: "boolean", value: text === "1" };
  }
  if (/[ymdhs]/.test(format)) {
    // Days from 30 December 1899; a millisecond is less than the eighth digit behind the point.
    const local = Math.round((Number(text) - 25_569) * 86_400_000);
    return { kind: "date", value: new Date(local).toISOString().slice(0, -1), format };
  }
  return { kind: "number", value: text, format };
}

function indexOf(letters: string): number {
  return [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
