import { open } from "node:fs/promises";
import { Agent, request } from "undici";
import { parseColumns } from "../../src/csv/column-list.ts";
import { completeLayout } from "../../src/csv/csv-layout.ts";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.ts";

/**
 * The converter that defines this tool's output, page after page: it keeps the digits of numbers,
 * and writes the very bytes that the tool writes. Built from the sources before it runs, since the package
 * does not offer that converter alone.
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
