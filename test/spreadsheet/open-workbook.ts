import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Cell, readCells } from "./calc.js";

const run = promisify(execFile);

/** Lets Calc open a workbook, in a language and a country such as `de-DE`, and tell what it has. */
export async function openWorkbook(
  path: string,
  folder: string,
  locale: string,
): Promise<Cell[][]> {
  await convert(path, folder, locale, "fods");
  return readCells(join(folder, `${parse(path).name}.fods`));
}

/** Lets Calc open a workbook, and write each of its sheets as CSV: `name-Events.csv` and so on. */
export async function writeSheets(path: string, folder: string): Promise<void> {
  // The last token asks for all sheets.
  const tokens = "44,34,76,1,,1033,false,true,false,false,false,-1";
  await convert(path, folder, "en-US", `csv:Text - txt - csv (StarCalc):${tokens}`);
}

async function convert(path: string, folder: string, locale: string, to: string): Promise<void> {
  const profile = join(folder, `workbook profile ${locale}`);
  await mkdir(join(profile, "user"), { recursive: true });
  await writeFile(join(profile, "user", "registrymodifications.xcu"), settings(locale));
  const { stdout, stderr } = await run("soffice", [
    "--headless",
    `-env:UserInstallation=${pathToFileURL(profile)}`,
    "--convert-to",
    to,
    "--outdir",
    folder,
    path,
  ]);
  // soffice ends with 0 whatever happens.
  if (!stdout.includes("-> ")) {
    throw new Error(`Calc could not open ${path}: ${stdout}${stderr}`);
  }
}

function settings(locale: string): string {
  const [language] = locale.split("-");
  const property = (name: string, value = "") =>
    `<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`;
  return `<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">${property("ooLocale", language)}${property("ooSetupSystemLocale", locale)}</oor:items>`;
}
