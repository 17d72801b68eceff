import { wrap } from "../terminal/wrap.js";
import { formatEntries } from "./layout.js";

/** What somebody needs who calls the command without anything behind it. */
export function firstSteps(width: number): string {
  const title = "sparky-events exports every SparkPost message event of a time range, to a file.\n";
  return `${formatEntries(
    wrap(title, width),
    [
      ["sparky-events init", "asks for your key and settings"],
      ["sparky-events yesterday", "yesterday, into a CSV file here"],
      ["sparky-events yesterday -o yesterday.xlsx", "the same as a workbook"],
      ["sparky-events --help", "all the rest"],
    ],
    width,
  )}\n`;
}
