import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function instructions(): { name: string; words: string[] }[] {
  return readFileSync(`${root}Dockerfile`, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", ...words] = line.split(" ");
      return { name, words };
    });
}

test("the Dockerfile copies what there is and what .dockerignore lets through, and nothing else", () => {
  const ignore = readFileSync(`${root}.dockerignore`, "utf8").split("\n").filter(Boolean);
  const copied = instructions()
    .filter(({ name, words }) => name === "COPY" && !words[0]?.startsWith("--from"))
    .flatMap(({ words }) => words.slice(0, -1));
  expect(copied.filter((path) => !existsSync(root + path))).toEqual([]);
  expect(ignore).toContain("*");
  const through = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  expect(through.sort()).toEqual([...new Set(copied)].sort());
});

test("the image runs the tool as an ordinary user", () => {
  const last = instructions().findLastIndex(({ name }) => name === "FROM");
  const stage = instructions().slice(last);
  expect(stage.findLast(({ name }) => name === "USER")?.words).toEqual(["node"]);
  expect(stage.findLast(({ name }) => name === "ENTRYPOINT")?.words.join(" ")).toBe(
    '["node", "/app/bin/sparky-events.js"]',
  );
});
