import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Journal } from "../../src/partial/journal.js";
import type { JournalEntry } from "../../src/partial/journal-entry.js";
import { newFolder } from "../support/command.js";

const entries: readonly JournalEntry[] = [
  { type: "cut", slice: 0, times: [1, 2] },
  { type: "main", main: { length: 12, consumed: 12 } },
  { type: "restart", slice: 0, main: undefined },
  { type: "publishing", parts: 1 },
];

/** A new file with these entries. */
async function write(list: readonly JournalEntry[]): Promise<string> {
  const path = join(await newFolder(), "journal");
  await append(path, list);
  return path;
}

async function append(path: string, list: readonly JournalEntry[]): Promise<void> {
  const journal = await Journal.open(path);
  try {
    await Promise.all(list.map((entry) => journal.append(entry)));
  } finally {
    await journal.close();
  }
}

describe("a journal", () => {
  test("holds what was appended, in the order of the calls, whoever appended it", async () => {
    const path = await write(entries.slice(0, 2));
    await append(path, entries.slice(2, 3));
    await append(path, []);
    await append(path, entries.slice(3));
    expect(await Journal.read(path)).toEqual(entries);
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(entries.length + 1);
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  test("has everything in the file once it is flushed", async () => {
    const path = join(await newFolder(), "journal");
    const journal = await Journal.open(path);
    for (const entry of entries) {
      void journal.append(entry);
    }
    await journal.flush();
    expect(await Journal.read(path)).toEqual(entries);
    await journal.close();
  });

  test("is empty before the first entry", async () => {
    expect(await Journal.read(await write([]))).toEqual([]);
  });
});

describe("a journal that was cut", () => {
  test("has all entries before the cut, and goes on from there, wherever it is", async () => {
    const whole = await readFile(await write(entries));
    const path = join(await newFolder(), "journal");
    for (let length = 0; length <= whole.length; length++) {
      const cut = whole.subarray(0, length);
      const left = entries.slice(0, cut.toString().split("\n").length - 1);
      await writeFile(path, cut);
      expect(await Journal.read(path), `${length} bytes`).toEqual(left);
      await append(path, entries.slice(left.length));
      expect(await readFile(path), `${length} bytes`).toEqual(whole);
    }
  });

  test.each([1, 100, 5_000])("and filled up with %d NUL is no other", async (count) => {
    const path = await write(entries);
    const whole = await readFile(path);
    await appendFile(path, Buffer.alloc(count));
    expect(await Journal.read(path)).toEqual(entries);
    // As where the disk had the line's end, and not what is before it.
    await appendFile(path, '"}\n');
    expect(await Journal.read(path)).toEqual(entries);
    await append(path, []);
    expect(await readFile(path)).toEqual(whole);
  });
});

describe("a journal that is not what was written is refused", () => {
  test("where any bit of it is another one", async () => {
    const path = await write(entries);
    const whole = await readFile(path);
    for (let at = 0; at < whole.length - 1; at++) {
      const line = whole.subarray(0, at).toString().split("\n").length;
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
      await writeFile(path, changed);
      const said = `line ${line} of the journal is not what was written`;
      await expect(Journal.read(path), `byte ${at}`).rejects.toThrow(said);
      await expect(Journal.open(path), `byte ${at}`).rejects.toThrow(said);
      expect(await readFile(path)).toEqual(changed);
    }
  });

  test.each<[string, (lines: string[]) => string[], number]>([
    ["lacks a line", ([a = "", , ...others]) => [a, ...others], 2],
    ["lacks its first line", ([, ...others]) => others, 1],
    ["has a line twice", ([a = "", b = "", ...others]) => [a, b, b, ...others], 3],
    ["has two lines the other way round", ([a = "", b = "", ...others]) => [b, a, ...others], 1],
    ["has an empty line", ([a = "", ...others]) => [a, "", ...others], 2],
    ["has a line of its own", ([a = "", ...others]) => [a, '{"type":"cut"}', ...others], 2],
  ])("where it %s", async (_, change, line) => {
    const path = await write(entries);
    const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
    await writeFile(path, `${change(lines).join("\n")}\n`);
    const said = `line ${line} of the journal is not what was written`;
    await expect(Journal.read(path)).rejects.toThrow(said);
    await expect(Journal.open(path)).rejects.toThrow(said);
  });
});
