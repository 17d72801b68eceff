import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
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

/** What the dialog for the import of text is set to. */
export interface ImportSettings {
  readonly separators: readonly string[];
  readonly textDelimiter: string;
  readonly detectSpecialNumbers: boolean;
  readonly evaluateFormulas: boolean;
  readonly quotedFieldAsText: boolean;
  readonly removeSpace: boolean;
  readonly mergeDelimiters: boolean;
  /** Number of the first row that is read. */
  readonly fromRow: number;
}

/** Where Calc runs. */
export interface Surroundings {
  /** For its profile, and for what it writes. */
  readonly folder: string;
  /** That of its user, which decides how numbers are written. */
  readonly locale: "en-US" | "de-DE";
}

const run = promisify(execFile);

/** Microsoft's identifier of UTF-8 in LibreOffice; that of a file with a byte order mark. */
const utf8 = 76;

/**
 * What the dialog is set to before anybody has touched it, as LibreOffice's own registry has it:
 * org.openoffice.Office.Calc/Dialogs/CSVImport, which becomes a part of main.xcd when it is built.
 *
 * The character set and the language are left out. That of a file with a byte order mark is UTF-8; and
 * the language, 0, is that of the user.
 */
export async function importDefaults(): Promise<ImportSettings> {
  const { stdout } = await run("sh", ["-c", 'readlink -f "$(command -v soffice)"']);
  const registry = join(dirname(stdout.trim()), "..", "share", "registry", "main.xcd");
  const text = await readFile(registry, "utf8");
  const [group] = /<group oor:name="CSVImport">.*?<\/group>/s.exec(text) ?? [];
  const setting = (name: string): string => {
    const [, value] =
      new RegExp(`<prop oor:name="${name}"[^>]*>\\s*<value>(.*?)</value>`, "s").exec(group ?? "") ??
      [];
    if (value === undefined) {
      throw new Error(`${registry} has no ${name} of CSVImport`);
    }
    return value.replaceAll("&quot;", '"');
  };
  const isOn = (name: string) => setting(name) === "true";
  return {
    separators: [...setting("Separators")],
    textDelimiter: setting("TextSeparators"),
    detectSpecialNumbers: isOn("DetectSpecialNumbers"),
    evaluateFormulas: isOn("EvaluateFormulas"),
    quotedFieldAsText: isOn("QuotedFieldAsText"),
    removeSpace: isOn("RemoveSpace"),
    mergeDelimiters: isOn("MergeDelimiters"),
    fromRow: Number(setting("FromRow")),
  };
}

/**
 * Opens CSVs in LibreOffice Calc, as with these settings in the dialog.
 *
 * @param textColumns numbers of the columns that get the column type Text, from 1
 * @returns the rows of each
 */
export async function openInCalc(
  csvs: readonly string[],
  surroundings: Surroundings,
  settings: ImportSettings,
  textColumns: readonly number[] = [],
): Promise<Cell[][][]> {
  await convert(csvs, surroundings, filterOf(settings, textColumns), "fods");
  const opened: Cell[][][] = [];
  for (const csv of csvs) {
    opened.push(await readCells(join(surroundings.folder, `${parse(csv).name}.fods`)));
  }
  return opened;
}

/** Lets Calc open a CSV as above and write it as CSV again: for files whose XML would be too large. */
export async function rewriteInCalc(
  csv: string,
  surroundings: Surroundings,
  settings: ImportSettings,
): Promise<string> {
  const to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false";
  await convert([csv], surroundings, filterOf(settings, []), to);
  return join(surroundings.folder, parse(csv).base);
}

/**
 * The settings as tokens of a filter:
 * https://help.libreoffice.org/latest/en-US/text/shared/guide/csv_params.html.
 */
function filterOf(settings: ImportSettings, textColumns: readonly number[]): string {
  const codes = [...settings.separators].map((separator) => separator.charCodeAt(0));
  const tokens = [
    [...codes, ...(settings.mergeDelimiters ? ["MRG"] : [])].join("/"),
    settings.textDelimiter.charCodeAt(0),
    utf8,
    settings.fromRow,
    textColumns.map((column) => `${column}/2`).join("/"),
    // The language: that of the user.
    0,
    settings.quotedFieldAsText,
    settings.detectSpecialNumbers,
    // Two that are for writing.
    false,
    false,
    settings.removeSpace,
    // The only sheet.
    -1,
    settings.evaluateFormulas,
  ];
  return `CSV:${tokens.join(",")}`;
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

async function convert(
  csvs: readonly string[],
  { folder, locale }: Surroundings,
  filter: string,
  to: string,
): Promise<void> {
  // A profile of its own: neither the person's settings nor a Calc that is open come in.
  const profile = join(folder, `profile ${locale}`);
  await mkdir(join(profile, "user"), { recursive: true });
  await writeFile(join(profile, "user", "registrymodifications.xcu"), userSettings(locale));
  const { stdout, stderr } = await run("soffice", [
    "--headless",
    `-env:UserInstallation=${pathToFileURL(profile)}`,
    `--infilter=${filter}`,
    "--convert-to",
    to,
    "--outdir",
    folder,
    ...csvs,
  ]);
  // soffice ends with 0 whatever happens.
  if (stdout.split("-> ").length <= csvs.length) {
    throw new Error(`Calc could not open ${csvs.join(" ")}: ${stdout}${stderr}`);
  }
}

/** A profile's settings (org.openoffice.Setup/L10N). */
function userSettings(locale: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>${locale}</value></prop></item>
</oor:items>
`;
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
