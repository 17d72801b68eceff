import type { Dialect } from "../sql/database.js";

export const postgresDialect: Dialect = {
  timeType: "timestamptz",
  millis: (expression) => `(extract(epoch from ${expression}) * 1000)::bigint`,
  sha256: (expression) => `encode(sha256(convert_to(${expression}, 'UTF8')), 'hex')`,
};
