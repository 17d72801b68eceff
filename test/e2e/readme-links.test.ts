import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);

test("what the README links to is there", async () => {
  const text = await readFile(new URL("README.md", root), "utf8");
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
  const broken = links
    .filter((link) => !link.startsWith("http"))
    .filter((link) =>
      link.startsWith("#") ? !anchors.includes(link.slice(1)) : !existsSync(new URL(link, root)),
    );
  expect(links.length).toBeGreaterThan(5);
  expect(broken).toEqual([]);
});
