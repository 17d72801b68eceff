import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ArchiveFixture, eventsFrom, key, type TestEvent } from "../support/archive.js";
import { commandLine } from "../support/command.js";
import { type NamedStore, nameStore, storeEngines } from "../support/event-stores.js";

const events = eventsFrom("2026-11-18T00:30:00Z", "2026-11-20T00:00:00Z");
const lines = events.map((event) => JSON.stringify(event));

describe.each(storeEngines)("load into $engine", (harness) => {
  async function start(given: readonly TestEvent[] = events) {
    const account = await ArchiveFixture.start("2026-11-20T01:15:00Z", given);
    return new LoadScene(account, await nameStore(harness));
  }

  test("takes what --format jsonl writes, packed or not, and no event twice", async () => {
    const scene = await start();
    const exports = ["2026-11-18", "2026-11-19"].map((day, index) =>
      scene.run(day, "--host", scene.account.origin, "-o", index === 0 ? "a.jsonl" : "b.jsonl.gz"),
    );
    expect((await Promise.all(exports)).map(({ code }) => code)).toEqual([0, 0]);
    const first = await scene.load("a.jsonl", "b.jsonl.gz");
    expect(first.stderr).toContain(`${scene.store.name}: 48 events; 48 loaded, all new\n`);
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(await scene.store.texts()).toEqual([...lines].sort());

    const again = await scene.load("b.jsonl.gz");
    expect(again.stderr).toContain(`${scene.store.name}: 48 events; 24 loaded, 0 new\n`);
    expect(again.code).toBe(0);
  });

  test("and a sync on top of it fetches only what is not there", async () => {
    const scene = await start();
    await scene.write("some.jsonl", lines.slice(1).join("\n"));
    await scene.load("some.jsonl");
    const { code, stderr } = await scene.run(
      ...["sync", "--host", scene.account.origin, "--to", scene.store.name, "--days", "2"],
    );
    expect(code).toBe(0);
    expect(stderr).toContain("2026-11-18: 24 events");
    expect(stderr).toContain(`${scene.store.name}: 48 events; 2 exported`);
    expect(await scene.store.texts()).toEqual([...lines].sort());
  });

  test("keeps keys whose characters mean something on the way", async () => {
    const scene = await start();
    const subjects = [
      "\u0001",
      'a\u0001,"b"\u0001',
      "\u0001\n\u0001",
      '"',
      "c,d\r\n",
      "",
      "\u0000",
    ];
    const texts = subjects.map((subject, index) => {
      const event = { event_id: String(index), subject, reason: { a: [subject, "x,y"] } };
      return index === 0 ? JSON.stringify(event) : JSON.stringify(event, undefined, "\t");
    });
    await scene.write("odd.jsonl", texts.map((text) => text.replaceAll("\n", "")).join("\n"));
    expect((await scene.load("odd.jsonl")).stderr).toContain("7 loaded, all new");
    const rows = await scene.store.sql(
      "select subject, reason, event from sparky_events.events order by identity",
    );
    expect(rows).toEqual(
      subjects.map((subject, index) => ({
        // SQL has no U+0000, and a blank for what is empty.
        subject: subject === "" ? null : subject.replace("\u0000", "\ufdd0"),
        reason: JSON.stringify({ a: [subject, "x,y"] }),
        event: texts[index]?.replaceAll("\n", ""),
      })),
    );
  });

  test("names the line that is no event", async () => {
    const scene = await start();
    for (const wrong of ["{broken", '"text"', '{"a":1},{"b":2}', "[]", '{"a":1', "null"]) {
      await scene.write("wrong.jsonl", [lines[0], "", lines[1], wrong, lines[2]].join("\n"));
      const { code, stderr } = await scene.load("wrong.jsonl");
      expect(stderr).toContain("error: wrong.jsonl, line 4 is no event in JSON.\n");
      expect(code).toBe(2);
    }
    await scene.write("right.jsonl", `\r\n${lines[0]}\r\n\n  ${lines[1]}  `);
    expect((await scene.load("right.jsonl")).stderr).toContain("2 loaded, all new");
    expect(await scene.store.texts()).toHaveLength(2);
  });
});

describe("load", () => {
  const [duckDb] = storeEngines;
  async function start() {
    const account = await ArchiveFixture.start("2026-11-20T01:15:00Z", []);
    if (!duckDb) {
      throw new Error("There is no store.");
    }
    return new LoadScene(account, await nameStore(duckDb));
  }

  test("says what cannot be read before it loads anything", async () => {
    const scene = await start();
    await scene.write("good.jsonl", lines.join("\n"));
    await scene.write("cut.jsonl.gz", gzipSync(lines.join("\n")).subarray(0, -20));
    for (const [files, message] of [
      [["good.jsonl", "absent.jsonl"], "Cannot read absent.jsonl: there is no such file."],
      [["good.jsonl", "."], "Cannot read .: "],
      [["good.jsonl", "a.csv"], "a.csv holds no JSON lines, by its name."],
    ] as const) {
      const { code, stderr } = await scene.load(...files);
      expect(stderr).toContain(`error: ${message}`);
      expect(code).toBe(2);
    }
    expect(await scene.run("store", "info", "--store", scene.store.name)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error: There is no store ${scene.store.name}.`),
    });
    const cut = await scene.load("cut.jsonl.gz");
    expect(cut).toMatchObject({ code: 2 });
    expect(cut.stderr).toContain("error: cut.jsonl.gz is gzip that is cut off or damaged.");
  });

  test("reads standard input", async () => {
    const scene = await start();
    const [node = "", ...words] = commandLine(["load", "-", "--to", scene.store.name]);
    const child = spawn(node, words, { cwd: scene.account.cwd, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(gzipSync(lines.join("\n")));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(await scene.store.texts()).toHaveLength(48);
  });

  test("refuses a password on the command line, and what is no store", async () => {
    const scene = await start();
    await scene.write("a.jsonl", "");
    const password = await scene.run("load", "a.jsonl", "--to", "postgres://me:secret@db/mail");
    expect(password.code).toBe(2);
    expect(password.stderr).toContain("PGPASSWORD");
    expect(password.stderr).not.toContain("secret");
    const folder = await scene.run("load", "a.jsonl", "--to", "archive");
    expect(folder.code).toBe(2);
    expect(folder.stderr).toContain('"archive" is not the name of a store.');
  });
});

class LoadScene {
  readonly account: ArchiveFixture;
  readonly store: NamedStore;

  constructor(account: ArchiveFixture, store: NamedStore) {
    this.account = account;
    this.store = store;
  }

  load(...files: string[]) {
    return this.run("load", ...files, "--to", this.store.name);
  }

  run(...args: string[]) {
    return this.account.run(args, { SPARKPOST_API_KEY: key, ...this.store.env });
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await writeFile(join(this.account.cwd, name), content);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.account.cwd, name), "utf8");
  }
}
