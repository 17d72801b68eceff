import type { FormatName } from "./record-format.js";

/** What a file's name says of what is in it. */
export interface NamedFormat {
  /** Absent where the name says nothing. */
  readonly records: FormatName | undefined;
  /** Whether it is made of finished CSV, as workbooks and Parquet are. */
  readonly isConverted: boolean;
  readonly isWorkbook: boolean;
  readonly isGzip: boolean;
}

const endings: readonly [RegExp, Partial<NamedFormat>][] = [
  [/\.(csv|tsv|tab)(\.gz)?$/i, { records: "csv" }],
  [/\.(jsonl|ndjson)(\.gz)?$/i, { records: "jsonl" }],
  [/\.xlsx$/i, { records: "csv", isConverted: true, isWorkbook: true }],
  [/\.(parquet|pq)$/i, { records: "parquet", isConverted: true }],
];

/** The format that a file's name stands for. */
export function formatOfName(path: string): NamedFormat {
  const [, found] = endings.find(([ending]) => ending.test(path)) ?? [];
  return {
    records: undefined,
    isConverted: false,
    isWorkbook: false,
    isGzip: /\.gz$/i.test(path),
    ...found,
  };
}

/** The usual ending of each format's files. */
export const endingOf: Readonly<Record<FormatName, string>> = {
  csv: ".csv",
  jsonl: ".jsonl",
  parquet: ".parquet",
};
