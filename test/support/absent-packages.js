// For --import: a machine on which no package of a database is installed.
import { register } from "node:module";

const hooks = `
  export async function resolve(name, context, next) {
    if (["@duckdb/node-api", "pg", "pg-copy-streams"].includes(name)) {
      throw Object.assign(new Error("Cannot find package " + name), { code: "ERR_MODULE_NOT_FOUND" });
    }
    return next(name, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
