import { expect, test } from "vitest";
import type { EventSearch, FoundPage } from "../../src/events-api/event-search.js";
import { newFolder, runCommand } from "../support/command.js";
import {
  madeUpEvents,
  searchOf,
  startTestServer,
  type TestServerOptions,
} from "../support/test-server.js";

async function exportFrom(options: TestServerOptions, role: "search" | "support" = "search") {
  const { url, keys } = await startTestServer(options);
  const args = ["yesterday", "--host", url, "--concurrency", "1", "--per-page", "20"];
  const result = await runCommand([...args, "-o", "a.csv"], {
    cwd: await newFolder(),
    env: { SPARKPOST_API_KEY: keys[role] },
    launcher: "fast",
  });
  return { url, ...result };
}

/** A search whose answers are not right. */
function spoilt(change: (page: FoundPage) => FoundPage): EventSearch {
  const search = searchOf(madeUpEvents(2_000));
  return { find: async (...asked) => change(await search.find(...asked)) };
}

test.each([
  [
    "fewer events than it counts",
    (page: FoundPage) => ({ ...page, totalCount: page.totalCount + 7 }),
    5,
    (url: string) => `The export is not complete: ${url} counted `,
  ],
  [
    "more events than it counts",
    (page: FoundPage) => ({ ...page, totalCount: page.totalCount - 7 }),
    5,
    (url: string) => `The export is not right: ${url} counts `,
  ],
])("a server of one's own with %s is called by its name", async (_, change, code, words) => {
  const result = await exportFrom({ search: spoilt(change) });
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(words(result.url));
  expect(result.stderr).not.toContain("SparkPost");
});

test("a key that a server of one's own refuses is not one of SparkPost", async () => {
  const { code, stderr } = await exportFrom({}, "support");
  expect(code).toBe(3);
  expect(stderr).toContain("sparky-events access list");
  expect(stderr).not.toMatch(/SparkPost|US and EU|Events Search/);
});
