import { readFileSync } from "node:fs";
import { Agent, request } from "undici";

/**
 * The floor for anything that runs on Node.js: receives the pages and drops them.
 *
 * Usage: node undici-download.js FILE-WITH-URLS
 */
const urls = readFileSync(process.argv[2], "utf8").trim().split("\n");
const dispatcher = new Agent();
for (const url of urls) {
  const headers = { accept: "application/json", authorization: "benchmark" };
  const { statusCode, body } = await request(url, { dispatcher, headers });
  if (statusCode !== 200) {
    throw new Error(`The simulator answered ${statusCode}.`);
  }
  body.on("data", () => {});
  await new Promise((resolve, reject) => body.on("end", resolve).on("error", reject));
}
await dispatcher.close();
