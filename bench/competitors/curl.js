import { writeFileSync } from "node:fs";
import { devNull } from "node:os";

/**
 * One curl process that gets all the pages over one connection and drops them.
 *
 * @param {string[]} urls
 * @param {string} config file to write curl's settings to
 */
export function curl(urls, config) {
  const lines = ["silent", "show-error", "fail", 'header = "authorization: benchmark"'];
  lines.push(...urls.flatMap((url) => [`url = "${url}"`, `output = "${devNull}"`]));
  writeFileSync(config, `${lines.join("\n")}\n`);
  return { command: "curl", args: ["--disable", "--config", config] };
}
