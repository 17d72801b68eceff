import type { Connection } from "../api/client.js";
import { defaultHost, parseHost } from "../api/origin.js";
import type { CompleteSearch } from "../api/search.js";
import type { RecordFormat } from "../formats/record-format.js";
import { packageVersion } from "../package-version.js";
import type { ExportIdentity } from "../partial/journal-entry.js";

/** What an export is told from another one by. */
export function identityOf(
  connection: Connection,
  { api, from, to, events, filters, metadata }: CompleteSearch,
  format: RecordFormat,
  splitRows: number | undefined,
): ExportIdentity {
  return {
    version: packageVersion(),
    origin: parseHost(connection.host ?? defaultHost),
    api,
    from,
    to,
    events,
    filters,
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...format.identity,
    splitRows,
  };
}
