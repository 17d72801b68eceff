import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { finishedPath } from "../../src/output/finished-path.js";
import { keepIncomplete } from "../../src/output/keep-incomplete.js";
import { numberedPath } from "../../src/output/numbered-path.js";
import { publish, publishAll } from "../../src/output/publish.js";
import { settlePublishing } from "../../src/output/settle-publishing.js";
import { Journal } from "../../src/partial/journal.js";
import { folderOf, journalIn, mainIn } from "../../src/partial/partial-names.js";
import { newFolder } from "../support/command.js";

const header = Buffer.from("a,b\n");
const format = { isOwn: (start: Buffer) => start.subarray(0, header.length).equals(header) };

/** A complete export of so many files, that are assembled and have no names yet. */
async function assembled(parts = 1, name = "a.csv") {
  const cwd = await newFolder();
  const path = join(cwd, name);
  await mkdir(folderOf(path));
  for (let number = 1; number <= parts; number++) {
    await writeFile(finishedPath(path, number), contentOf(number));
  }
  return {
    path,
    at: (other: string) => join(cwd, other),
    put: (other: string, text: string | Uint8Array) => writeFile(join(cwd, other), text),
    /** What is beside the folder of the export, by name. */
    found: () => contentsOf(cwd),
    /** What is in the folder of the export, by name. */
    left: () => contentsOf(folderOf(path)),
    hasFolder: () =>
      stat(folderOf(path)).then(
        () => true,
        () => false,
      ),
    async writeJournal(...entries: Parameters<Journal["append"]>[0][]) {
      const journal = await Journal.open(journalIn(folderOf(path)));
      for (const entry of entries) {
        await journal.append(entry);
      }
      await journal.close();
    },
  };
}

function contentOf(number: number): string {
  return `${header}new ${number}\n`;
}

async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "journal");
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ name }) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

const three = { "a.csv": contentOf(1), "a-2.csv": contentOf(2), "a-3.csv": contentOf(3) };
const threeMains = { main: contentOf(1), "main-2": contentOf(2), "main-3": contentOf(3) };

describe("a complete file", () => {
  test.each([false, true])("gets its name (force: %s)", async (force) => {
    const { path, found, left } = await assembled();
    await publish(path, force);
    expect(await found()).toEqual({ "a.csv": contentOf(1) });
    expect(await left()).toEqual({});
  });

  test("that was made of what was assembled gets it, too", async () => {
    const { path, put, found, left } = await assembled(1, "a.xlsx");
    await put("a.xlsx.partial/main", "rows");
    await publish(path, false);
    expect(await found()).toEqual({ "a.xlsx": contentOf(1) });
    expect(await left()).toEqual({ main: "rows" });
  });

  test("is not put in the place of another one", async () => {
    const { path, put, found, left } = await assembled();
    await put("a.csv", "mine");
    await expect(publish(path, false)).rejects.toMatchObject({
      message: `${path} appeared while the export ran, and was left alone.`,
      exitCode: 2,
    });
    expect(await found()).toEqual({ "a.csv": "mine" });
    expect(await left()).toEqual({ main: contentOf(1) });
  });

  test("is put there with force", async () => {
    const { path, put, found } = await assembled();
    await put("a.csv", "mine");
    await publish(path, true);
    expect(await found()).toEqual({ "a.csv": contentOf(1) });
  });
});

describe("complete files", () => {
  test("get their names", async () => {
    const { path, put, found } = await assembled(3);
    await put("a-5.csv", "does not follow");
    expect(await publishAll(path, 3, false, format)).toEqual([]);
    expect(await found()).toEqual({ ...three, "a-5.csv": "does not follow" });
  });

  test.each(["a.csv", "a-2.csv", "a-3.csv", "a-4.csv"])(
    "leave %s alone that is there already, and none gets its name",
    async (name) => {
      const { path, at, put, found, left } = await assembled(3);
      await put(name, "mine");
      await expect(publishAll(path, 3, false, format)).rejects.toMatchObject({
        message: `${at(name)} appeared while the export ran, and was left alone.`,
        exitCode: 2,
      });
      expect(await found()).toEqual({ [name]: "mine" });
      expect(await left()).toEqual(threeMains);
    },
  );

  test("take the place of others with force, of which those beyond them are removed", async () => {
    const { path, at, put, found } = await assembled(3);
    for (const number of ["", "-2", "-3", "-4", "-5"]) {
      await put(`a${number}.csv`, `${header}old\n`);
    }
    expect(await publishAll(path, 3, true, format)).toEqual([at("a-4.csv"), at("a-5.csv")]);
    expect(await found()).toEqual(three);
  });

  test("leave what follows and is none of an export, and all that comes after it", async () => {
    const { path, put, found } = await assembled(2);
    await put("a-3.csv", `${header}old\n`);
    const others = { "a-4.csv": "mine\n", "a-5.csv": `${header}old\n` };
    for (const [name, text] of Object.entries(others)) {
      await put(name, text);
    }
    await publishAll(path, 2, true, format);
    expect(await found()).toEqual({ "a.csv": contentOf(1), "a-2.csv": contentOf(2), ...others });
  });

  test("know the gzipped files of an earlier export", async () => {
    const { path, at, put, found } = await assembled(1, "a.csv.gz");
    await put("a-2.csv.gz", gzipSync(`${header}old\n`));
    await put("a-3.csv.gz", "no gzip");
    expect(await publishAll(path, 1, true, format)).toEqual([at("a-2.csv.gz")]);
    expect(Object.keys(await found()).sort()).toEqual(["a-3.csv.gz", "a.csv.gz"]);
  });

  test.each(["a.csv", "a-2.csv", "a-3.csv", "a-4.csv"])(
    "are taken back where %s is a folder, and what they replaced is there again",
    async (folder) => {
      const { path, at, put, found, left } = await assembled(3);
      const names = ["a.csv", "a-2.csv", "a-3.csv", "a-4.csv"].filter((name) => name !== folder);
      for (const name of names) {
        await put(name, `${header}old ${name}\n`);
      }
      await mkdir(at(folder));
      await expect(publishAll(path, 3, true, format)).rejects.toMatchObject({
        message: `${at(folder)} is no ordinary file.`,
        exitCode: 2,
      });
      expect(await found()).toEqual(
        Object.fromEntries(names.map((name) => [name, `${header}old ${name}\n`])),
      );
      expect(await left()).toEqual(threeMains);
    },
  );

  test("do not replace what a link leads to", async () => {
    const { path, at, put, found, left } = await assembled(2);
    await put("elsewhere", "mine");
    await symlink(at("elsewhere"), at("a-2.csv"));
    await expect(publishAll(path, 2, true, format)).rejects.toThrow("is no ordinary file");
    expect(await found()).toEqual({ elsewhere: "mine" });
    expect(Object.keys(await left())).toEqual(["main", "main-2"]);
  });
});

describe("what a run left that was killed while it published", () => {
  const publishing = { type: "publishing", parts: 3 } as const;

  test("goes where all have their names", async () => {
    const { path, found, hasFolder, writeJournal } = await assembled(3);
    await writeJournal(publishing);
    await publishAll(path, 3, false, format);
    await settlePublishing(path);
    expect(await found()).toEqual(three);
    expect(await hasFolder()).toBe(false);
  });

  test.each([1, 2])("is taken back where %d of 3 have not", async (missing) => {
    const { path, put, found, left, writeJournal } = await assembled(3);
    await writeJournal(publishing);
    await put("a-4.csv", "other\n");
    await publishAll(path, 3, true, format);
    // The first one comes last, so it is not there yet.
    for (const number of [1, 2].slice(0, missing)) {
      await rm(numberedPath(path, number));
    }
    await settlePublishing(path);
    expect(await found()).toEqual({ "a-4.csv": "other\n" });
    expect(await left()).toEqual(threeMains);
  });

  test("is taken back with what it was about to replace, or to remove", async () => {
    const { path, put, found, left, writeJournal } = await assembled(3);
    await writeJournal(publishing);
    const old = { "a-3.csv": "old 3", "a-4.csv": "old 4" };
    await put("a-3.csv", contentOf(3));
    await put("a.csv.partial/old-3", old["a-3.csv"]);
    await put("a.csv.partial/old-4", old["a-4.csv"]);
    await rm(mainIn(folderOf(path), 3));
    await put("a.csv.partial/new-2", "a name that was not given yet");
    await settlePublishing(path);
    expect(await found()).toEqual(old);
    expect(await left()).toEqual(threeMains);
  });

  test("goes where it had begun to clean up, and the file is there", async () => {
    const { path, found, hasFolder, writeJournal } = await assembled();
    await writeJournal();
    await publish(path, false);
    await settlePublishing(path);
    expect(await found()).toEqual({ "a.csv": contentOf(1) });
    expect(await hasFolder()).toBe(false);
  });

  test.each([
    ["nothing is on record, and there is no file", []],
    ["it was not about to publish", [{ type: "lost", slice: 0, pages: 0 } as const]],
  ])("stays as it is where %s", async (_, entries) => {
    const { path, found, left, writeJournal } = await assembled(3);
    await writeJournal(...entries);
    await settlePublishing(path);
    expect(await found()).toEqual({});
    expect(await left()).toEqual(threeMains);
  });

  test("is no matter where there is nothing, or a file in the folder's place", async () => {
    const cwd = await newFolder();
    await settlePublishing(join(cwd, "a.csv"));
    await writeFile(join(cwd, "b.csv.partial"), "mine");
    await settlePublishing(join(cwd, "b.csv"));
    expect(await readdir(cwd)).toEqual(["b.csv.partial"]);
  });
});

describe("files of an export that is not complete", () => {
  test("get names that say so, and those of an earlier one give way", async () => {
    const { path, at, put, found, left } = await assembled(2);
    for (const number of ["", "-2", "-3", "-4", "-6"]) {
      await put(`a${number}.csv.incomplete`, "old");
    }
    await put("a.csv", "complete");
    const names = ["a.csv.incomplete", "a-2.csv.incomplete"];
    expect(await keepIncomplete(path, [1, 2], true)).toEqual(names.map(at));
    expect(await found()).toEqual({
      "a.csv": "complete",
      "a.csv.incomplete": contentOf(1),
      "a-2.csv.incomplete": contentOf(2),
      "a-6.csv.incomplete": "old",
    });
    expect(await left()).toEqual({});
  });

  test("leave those of a split export alone where they are none", async () => {
    const { path, put, found } = await assembled();
    await put("a-2.csv.incomplete", "old");
    await keepIncomplete(path, [1], false);
    expect(await found()).toEqual({
      "a.csv.incomplete": contentOf(1),
      "a-2.csv.incomplete": "old",
    });
  });

  test("get another name where something else has it", async () => {
    const { path, at, found } = await assembled();
    await mkdir(at("a.csv.incomplete"));
    await mkdir(at("a.csv.2.incomplete"));
    expect(await keepIncomplete(path, [1], false)).toEqual([at("a.csv.3.incomplete")]);
    expect(await found()).toEqual({ "a.csv.3.incomplete": contentOf(1) });
  });
});
