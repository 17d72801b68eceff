import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formatCount } from "../../src/count.js";
import { defaultLimits, type Limit, limits } from "../../src/serve/limits.js";
import { serverRoutes } from "../../src/serve/routes.js";
import { describeSize } from "../../src/size.js";
import { formatDuration } from "../../src/time/duration.js";
import { madeUpEvents, searchOf, storeOf } from "../support/test-server.js";

const shown: Readonly<Record<Limit["unit"], (value: number) => string>> = {
  count: formatCount,
  milliseconds: formatDuration,
  bytes: describeSize,
};

test("the manual has every limit, with its value", async () => {
  const manual = await readFile("README.md", "utf8");
  const rows = Object.entries<Limit>(limits).map(
    ([name, { unit, value, help }]) => `| \`${name}\` | ${shown[unit](value)} | ${help} |`,
  );
  expect(manual).toContain(`${rows.join("\n")}\n`);
});

test("the manual has every route", async () => {
  const manual = await readFile("README.md", "utf8");
  const store = storeOf(searchOf(madeUpEvents(1)));
  for (const { method, path } of serverRoutes(store, { limits: defaultLimits, now: Date.now })) {
    const parent = path.replace(/\/samples$/, "");
    expect(manual).toContain(`\`${method} ${parent}`);
    expect(manual).toContain(path.slice(parent.length));
  }
});
