import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { checksumOf } from "../../src/checksum.js";
import { GzipFile } from "../../src/partial/gzip-file.js";
import type { MainState } from "../../src/partial/journal-entry.js";
import type { MainOutput } from "../../src/partial/main-output.js";
import { PageAssembly, type PageFacts } from "../../src/partial/page-assembly.js";
import { PlainFile } from "../../src/partial/plain-file.js";
import { addPage, newSlice, restart, type Slice } from "../../src/slices/slice.js";
import { newFolder } from "../support/command.js";
import { randomNumbers } from "../support/random-numbers.js";

const header = Buffer.from("head\n");
const format = { name: "csv", header } as const;

/** What is on record of a page, and of the output. */
type Entry =
  | { readonly slice: Slice; readonly facts: PageFacts; readonly main: MainState | undefined }
  | { readonly main: MainState };

interface Kind {
  readonly open: (path: string, state: MainState) => Promise<MainOutput>;
  readonly direct: boolean;
  readonly pack: (bytes: Buffer) => Buffer;
  readonly read: (bytes: Buffer) => string;
}

const kinds: Readonly<Record<string, Kind>> = {
  plain: {
    open: PlainFile.open,
    direct: true,
    pack: (bytes) => bytes,
    read: (bytes) => bytes.toString(),
  },
  gzipped: {
    open: GzipFile.open,
    direct: false,
    pack: gzipSync,
    read: (bytes) => gunzipSync(bytes).toString(),
  },
};

/** An assembly in a folder of its own, and what it puts on record. */
async function begin(
  { open, direct }: Kind,
  { folder = "", slices = threeSlices(), state = { length: 0, consumed: 0 } as MainState } = {},
) {
  const path = folder || (await newFolder());
  const main = await open(join(path, "main"), state);
  onTestFinished(() => main.close().catch(() => {}));
  const entries: Entry[] = [];
  const assembly = new PageAssembly(
    {
      ...{ main, folder: path, slices, durable: true, direct },
      onMain: async (reached) => {
        entries.push({ main: reached });
      },
    },
    Math.max(header.length, state.consumed),
  );
  if (state.consumed === 0) {
    await main.append(header, 0);
  }
  return {
    ...{ path, main, slices, entries, assembly },
    async add(slice: Slice, csv: string, isLast = false) {
      const facts = factsOf(csv);
      count(slice, facts, isLast);
      const content = Buffer.from(csv);
      const page = { content, checksum: facts.checksum, eventCount: facts.records };
      await assembly.add(slice, page, async (reached) => {
        entries.push({ slice, facts, main: reached });
      });
      // Whoever converts pages does it in the same memory again.
      content.fill("!");
      if (isLast) {
        await assembly.advance();
      }
    },
    async end() {
      await assembly.advance();
      await assembly.settled();
      await main.end();
      return readFile(join(path, "main"));
    },
    pages: async () => (await readdir(path)).filter((name) => name.startsWith("page-")).sort(),
  };
}

function threeSlices(): Slice[] {
  return [2, 1, 0].map((third, id) => newSlice(id, third * 1_000, (third + 1) * 1_000, 10));
}

function factsOf(csv: string): PageFacts {
  const bytes = Buffer.from(csv);
  const records = csv.split("\n").length - 1;
  return { bytes: bytes.length, records, checksum: checksumOf(bytes) };
}

function count(slice: Slice, { bytes, records }: PageFacts, isLast: boolean): void {
  const known = { tooNew: 0, tooOld: 0, doubled: [], shifted: false, totalCount: undefined };
  const next = isLast ? undefined : "next";
  addPage(slice, { ...known, events: records, bytes, oldest: slice.from, next });
}

describe.each(Object.entries(kinds))("pages in a %s output", (_, kind) => {
  test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "are in the order of their slices, whatever the order in which they arrive (seed %d)",
    async (seed) => {
      const random = randomNumbers(seed);
      const { add, assembly, end, entries, main, slices, pages } = await begin(kind);
      const csv = slices.map(({ id }) =>
        Array.from({ length: 1 + random(4) }, (_, page) => `${id}-${page}\n`.repeat(random(99))),
      );
      const left = csv.map((texts) => [...texts]);
      for (
        let open = [...slices];
        open.length > 0;
        open = open.filter(({ id }) => left[id]?.[0] !== undefined)
      ) {
        const slice = open[random(open.length)] as Slice;
        const text = left[slice.id]?.shift() ?? "";
        await add(slice, text, left[slice.id]?.length === 0);
      }
      expect(kind.read(await end())).toBe(header + csv.flat().join(""));
      // What gzip holds back is in the files still, which go with their folder.
      expect(kind.direct ? await pages() : []).toEqual([]);
      expect(assembly.records).toBe(csv.flat().join("").split("\n").length - 1);
      const files = main.lengths.map((written) => ({ written, found: written }));
      assembly.audit(format, files);
      // Each page came on record, those of a slice in their order.
      for (const slice of slices) {
        const own = entries.filter((entry) => "slice" in entry && entry.slice === slice);
        expect(own).toMatchObject(csv[slice.id]?.map((text) => ({ facts: factsOf(text) })) ?? []);
      }
    },
  );

  test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "are the same after an interruption at any moment (seed %d)",
    async (seed) => {
      const random = randomNumbers(seed);
      const csv = threeSlices().map(({ id }) =>
        Array.from({ length: 3 }, (_, page) =>
          `${id}-${page}-${random(1e9)}\n`.repeat(1 + random(5_000)),
        ),
      );
      const first = await begin(kind);
      const arrivals = [0, 0, 0, 1, 1, 1, 2, 2, 2].sort(() => random(3) - 1).slice(0, random(10));
      const arrived = [0, 0, 0];
      for (const id of arrivals) {
        const page = arrived[id] ?? 0;
        arrived[id] = page + 1;
        await first.add(first.slices[id] as Slice, csv[id]?.[page] ?? "", page === 2);
      }
      await first.assembly.settled();
      await first.main.close();

      // What comes after so many entries is lost, and what they tell of is there.
      const state = first.entries.findLast((entry) => entry.main)?.main ?? {
        length: 0,
        consumed: 0,
      };
      const slices = threeSlices();
      const second = await begin(kind, { folder: first.path, slices, state });
      let start = header.length;
      for (const [id, slice] of slices.entries()) {
        for (const text of csv[id]?.slice(0, arrived[id]) ?? []) {
          const facts = factsOf(text);
          count(slice, facts, slice.pages === 2);
          second.assembly.restore(slice, slice.pages, facts, start);
          start += facts.bytes;
        }
      }
      await second.assembly.advance();
      for (const [id, slice] of slices.entries()) {
        for (const text of csv[id]?.slice(arrived[id]) ?? []) {
          await second.add(slice, text, slice.pages === 2);
        }
      }
      expect(kind.read(await second.end())).toBe(header + csv.flat().join(""));
      expect(kind.direct ? await second.pages() : []).toEqual([]);
    },
  );

  test.each([0, 2, 4, 6, 8])(
    "of which the output has %d bytes come in from there on",
    async (there) => {
      const pages = ["one\n", "two\n"];
      const folder = await newFolder();
      const consumed = header.length + there;
      const main = kind.pack(Buffer.from((header + pages.join("")).slice(0, consumed)));
      await writeFile(join(folder, "main"), main);
      const state = { length: main.length, consumed };
      const { add, assembly, end, slices } = await begin(kind, { folder, state });
      const [slice] = slices as [Slice];
      for (const [index, text] of pages.entries()) {
        // A page that is in the output as a whole may have no file any more.
        if (there < 4 * (index + 1)) {
          await writeFile(join(folder, `page-0-${index + 1}`), text);
        }
        count(slice, factsOf(text), false);
        assembly.restore(slice, index + 1, factsOf(text), header.length + 4 * index);
      }
      await assembly.advance();
      await add(slice, "three\n", true);
      expect(kind.read(await end())).toBe("head\none\ntwo\nthree\n");
      expect(assembly.records).toBe(3);
    },
  );

  test("begin anew with a slice that starts over", async () => {
    const { add, assembly, end, entries, slices } = await begin(kind);
    const [one, two, three] = slices as [Slice, Slice, Slice];
    await add(one, "one\n", true);
    await add(two, "moved\n");
    await add(three, "three\n", true);
    const restarts: (MainState | undefined)[] = [];
    await assembly.forget(two, async (main) => void restarts.push(main));
    restart(two);
    expect(restarts).toEqual([kind.direct ? { length: 9, consumed: 9 } : undefined]);
    entries.splice(0);
    await add(two, "two\n", true);
    expect(kind.read(await end())).toBe("head\none\ntwo\nthree\n");
    expect(assembly.records).toBe(3);
  });

  test("that wait are on disk, each in a file, until it is their turn", async () => {
    const { add, end, entries, pages, path, slices } = await begin(kind);
    const [one, two, three] = slices as [Slice, Slice, Slice];
    await add(three, "three\n", true);
    await add(two, "two\n");
    await add(two, "and a half\n", true);
    expect(await pages()).toEqual(["page-1-1", "page-1-2", "page-2-1"]);
    expect(await readFile(join(path, "page-1-2"), "utf8")).toBe("and a half\n");
    expect(entries.map((entry) => entry.main)).toEqual([undefined, undefined, undefined]);
    await add(one, "one\n", true);
    expect(kind.read(await end())).toBe("head\none\ntwo\nand a half\nthree\n");
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["is cut", (path) => truncate(path, 2)],
    ["is longer", (path) => writeFile(path, "two\ntwo\n")],
    ["has other bytes", (path) => writeFile(path, "tow\n")],
  ])("are refused where the file of one %s", async (_, damage) => {
    const { add, path, slices } = await begin(kind);
    const [one, two] = slices as [Slice, Slice];
    await add(two, "two\n", true);
    const page = join(path, "page-1-1");
    await damage(page);
    await expect(add(one, "one\n", true)).rejects.toThrow(page);
  });

  test("are missed where less of them was given than arrived", async () => {
    const { add, assembly, end, main, slices } = await begin(kind);
    const [one] = slices as [Slice];
    await add(one, "one\n", true);
    await end();
    const files = main.lengths.map((written) => ({ written, found: written }));
    assembly.audit(format, files);
    const longer = Buffer.alloc(header.length + 1);
    expect(() => assembly.audit({ name: "csv", header: longer }, files)).toThrow(
      "bytes of CSV are in the output",
    );
    expect(() => assembly.audit({ name: "jsonl", header: longer }, files)).toThrow(
      "bytes of JSON lines are in the output",
    );
    const shorter = files.map(({ written }) => ({ written, found: written - 1 }));
    expect(() => assembly.audit(format, shorter)).toThrow("bytes are in a file");
    count(one, { bytes: 0, records: 1, checksum: "" }, true);
    expect(() => assembly.audit(format, files)).toThrow("1 pages were written, and it should be 2");
  });
});
