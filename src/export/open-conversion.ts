import type { Conversion } from "../output/export-target.js";
import { spillIn } from "../partial/partial-names.js";
import type { Product } from "./choose-format.js";
import type { ExportOptions } from "./export-options.js";

/** @throws UsageError where it needs a package that is not installed */
export async function openConversion(
  { kind, columns }: Product,
  { connection: { signal }, onWorkbook }: Pick<ExportOptions, "connection" | "onWorkbook">,
): Promise<Conversion> {
  if (kind === "workbook") {
    return {
      product: "A workbook",
      async convert(csv, path, _folder, events) {
        const { writeWorkbook } = await import("../workbook/write-workbook.js");
        const onProgress = (rows: number) => onWorkbook?.({ rows, events });
        const { rows, size, ...workbook } = await writeWorkbook(csv, path, {
          columns,
          signal,
          onProgress,
        });
        return { rows, size, workbook };
      },
    };
  }
  const { requireDuckDb } = await import("../parquet/duckdb-work.js");
  await requireDuckDb();
  return {
    product: "Parquet",
    async convert(csv, path, folder) {
      const { writeParquet } = await import("../parquet/write-parquet.js");
      return await writeParquet(csv, path, { columns, spill: spillIn(folder), signal });
    },
  };
}
