/**
 * The parts of a workbook around its sheets: SpreadsheetML in an Open Packaging Conventions file
 * (ECMA-376, parts 1 and 2).
 */

/** Indexes of the cell formats in `stylesXml`. */
export const styles = { header: 1, text: 2, integer: 3, date: 4 } as const;

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const officeRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";
const contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml";

export const packageRelationsXml = `${declaration}<Relationships xmlns="${packageRelations}"><Relationship Id="rId1" Type="${officeRelations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

/** 49 is the format of text: a cell that has it stays text when somebody edits it. */
export const stylesXml = `${declaration}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">${cellFormat(0, 0)}${cellFormat(49, 1)}${cellFormat(49, 0)}${cellFormat(1, 0)}${cellFormat(164, 0)}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

function cellFormat(numberFormat: number, font: number): string {
  return `<xf numFmtId="${numberFormat}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`;
}

/** A sheet of a workbook. */
export interface SheetRange {
  readonly name: string;
  /** The cells that it has, such as `A1:C9`. */
  readonly range: string;
}

export function contentTypesXml(sheets: readonly SheetRange[]): string {
  const sheetTypes = sheets
    .map(
      (_, index) =>
        `<Override PartName="/${sheetPath(index)}" ContentType="${contentType}.worksheet+xml"/>`,
    )
    .join("");
  return `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${contentType}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${contentType}.styles+xml"/>${sheetTypes}</Types>`;
}

export function workbookXml(sheets: readonly SheetRange[]): string {
  const list = sheets
    .map(
      ({ name }, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
    )
    .join("");
  // Excel looks for the rows of a filter under this name too.
  const filters = sheets
    .map(
      ({ name, range }, index) =>
        `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">'${name}'!${range.replaceAll(/[A-Z]+|\d+/g, "$$$&")}</definedName>`,
    )
    .join("");
  return `${declaration}<workbook xmlns="${main}" xmlns:r="${officeRelations}"><bookViews><workbookView/></bookViews><sheets>${list}</sheets><definedNames>${filters}</definedNames></workbook>`;
}

export function workbookRelationsXml(sheets: readonly SheetRange[]): string {
  const list = sheets
    .map(
      (_, index) =>
        `<Relationship Id="rId${index + 1}" Type="${officeRelations}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
    )
    .join("");
  return `${declaration}<Relationships xmlns="${packageRelations}">${list}<Relationship Id="rId${sheets.length + 1}" Type="${officeRelations}/styles" Target="styles.xml"/></Relationships>`;
}

export function sheetPath(index: number): string {
  return `xl/worksheets/sheet${index + 1}.xml`;
}

/** What comes before the rows of a sheet: the header stays in sight, and each column has its width. */
export function sheetStart(index: number, widths: readonly number[]): string {
  const columns = widths
    .map(
      (width, column) =>
        `<col min="${column + 1}" max="${column + 1}" width="${width}" customWidth="1"/>`,
    )
    .join("");
  const selected = index === 0 ? ' tabSelected="1"' : "";
  return `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView${selected} workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews><cols>${columns}</cols><sheetData>`;
}

/** What comes after them: filters, and no green corner in every cell whose text is digits. */
export function sheetEnd({ range }: SheetRange): string {
  return `</sheetData><autoFilter ref="${range}"/><ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`;
}
