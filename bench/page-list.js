import { writeFileSync } from "node:fs";
import { request } from "undici";
import { firstPage } from "./simulator.js";

/**
 * Follows the pages once. The simulator has every event's JSON in its memory after that, and what
 * only downloads need not look for links.
 *
 * @param {string} savedPage file that takes the first page
 */
export async function listPages(simulator, savedPage) {
  const pages = { urls: [], events: 0, bytes: 0, savedPage, savedEvents: 0 };
  let url = firstPage(simulator);
  while (url !== undefined) {
    const { statusCode, body } = await request(url, { headers: { authorization: "benchmark" } });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode !== 200) {
      throw new Error(`The simulator answered ${statusCode}: ${bytes}`);
    }
    const { results, links } = JSON.parse(bytes.toString());
    if (pages.urls.length === 0) {
      writeFileSync(savedPage, bytes);
      pages.savedEvents = results.length;
    }
    pages.urls.push(url);
    pages.events += results.length;
    pages.bytes += bytes.length;
    url = links.next === undefined ? undefined : new URL(links.next, simulator.origin).href;
  }
  return pages;
}
