import type { DuckDBConnection } from "@duckdb/node-api";
import type { MetadataFilter } from "../../events-api/event-search.js";
import { metadataFunction, metadataTest } from "./duckdb-metadata.js";

type Engine = Pick<
  typeof import("@duckdb/node-api"),
  "BOOLEAN" | "DuckDBScalarFunction" | "VARCHAR"
>;

/** Gives a database the functions that searches call. */
export function addFunctions(
  connection: DuckDBConnection,
  { BOOLEAN, DuckDBScalarFunction, VARCHAR }: Engine,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: metadataFunction,
      parameterTypes: [VARCHAR, VARCHAR],
      returnType: BOOLEAN,
      mainFunction(_info, input, output) {
        const [events, filters] = [input.getColumnVector(0), input.getColumnVector(1)];
        // All of a statement have the same filter.
        const passes = metadataTest(JSON.parse(String(filters.getItem(0))) as MetadataFilter);
        for (let row = 0; row < input.rowCount; row++) {
          output.setItem(row, passes(String(events.getItem(row))));
        }
        output.flush();
      },
    }),
  );
}
