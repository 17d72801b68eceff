import { open } from "node:fs/promises";
import { Agent, request } from "undici";
import { parseColumns } from "../../dist/csv/column-list.js";
import { completeLayout } from "../../dist/csv/csv-layout.js";
import { createCsvReference, headerOf } from "../../dist/csv/csv-reference.js";

/**
 * The converter that defines this tool's output, page after page: it keeps the digits of numbers,
 * and writes the very bytes that the tool writes.
 *
 * Usage: node reference-converter.js FIRST-URL COLUMNS OUTPUT
 */
const [firstUrl, columnList, output] = process.argv.slice(2);
const layout = completeLayout({ columns: parseColumns(columnList) });
const converter = createCsvReference(layout);

const dispatcher = new Agent();
const file = await open(output, "w");
await file.write(headerOf(layout));
let url = firstUrl;
while (url !== undefined) {
  const headers = { accept: "application/json", authorization: "benchmark" };
  const { statusCode, body } = await request(url, { dispatcher, headers });
  if (statusCode !== 200) {
    throw new Error(`The simulator answered ${statusCode}.`);
  }
  const { content, next } = converter.convert(new Uint8Array(await body.arrayBuffer()));
  await file.write(content);
  url = next === undefined ? undefined : new URL(next, firstUrl).href;
}
await file.close();
await dispatcher.close();
