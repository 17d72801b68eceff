import { isSparkPost } from "../../api/origin.js";
import { formatPath, parsePath } from "../../csv/column-list.js";
import { UsageError } from "../../errors.js";

const example = "--where 'rcpt_meta.order_id=4711'";

/**
 * Reads what `--where` says: a path into one's own metadata, and the value that is to be there.
 *
 * @param origin of the host that is asked
 * @throws UsageError where it says something else, or SparkPost is asked, which has no such search
 */
export function readWhere(
  text: string | undefined,
  origin: string,
): Readonly<Record<string, readonly string[]>> {
  if (text === undefined) {
    return {};
  }
  const equals = text.indexOf("=");
  const value = text.slice(equals + 1);
  const path = equals > 0 ? parsePath(text.slice(0, equals)) : [];
  if (path[0] !== "rcpt_meta" || path.length < 2 || value === "") {
    throw new UsageError(
      `--where: ${JSON.stringify(text)} is no place in rcpt_meta with its value.`,
      {
        hint: `For example: ${example}`,
      },
    );
  }
  if (isSparkPost(origin)) {
    throw new UsageError("--where: SparkPost cannot search for metadata.", {
      hint: `A database of your own can: ${example} --store events.duckdb`,
    });
  }
  return { [formatPath(path)]: [value] };
}
