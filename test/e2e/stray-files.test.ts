import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ArchiveFixture, eventsFrom } from "../support/archive.js";

const far = ["0001-01-01", "1999-12-31", "2031-01-01", "9999-12-31"];

/** An archive of the 18th and the 19th. */
async function twoDays(...args: string[]) {
  const archive = await ArchiveFixture.start(
    "2026-11-20T01:15:00Z",
    eventsFrom("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z"),
  );
  expect((await archive.sync("--days", "2", ...args)).code).toBe(0);
  return archive;
}

async function quickly<Result>(work: Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work;
  expect(performance.now() - start).toBeLessThan(5_000);
  return result;
}

describe("a file that is named after a day which no archive reaches", () => {
  test.each([
    ["flat", (day: string) => `${day}.csv`],
    ["hourly", (day: string) => `${day}T00.csv`],
    ["hive", (day: string) => `date=${day}/events.csv.gz`],
  ] as const)("is left alone, with a word (%s)", async (kind, pathOf) => {
    const args = { flat: [], hourly: ["--by", "hour"], hive: ["--layout", "hive"] }[kind];
    const archive = await twoDays(...args);
    const before = await archive.manifest();
    const paths = far.map(pathOf);
    for (const path of paths) {
      await mkdir(dirname(join(archive.folder, path)), { recursive: true });
      await writeFile(join(archive.folder, path), "timestamp,event_id\n");
    }
    const words = `Left alone, because no archive reaches that far: ${paths.join(", ")}.`;
    const status = await quickly(archive.status());
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toContain(words);
    const { generations } = JSON.parse((await archive.status("--format", "json")).stdout);
    expect(generations).toMatchObject([{ strays: paths }]);
    const { code, stderr } = await quickly(archive.sync("--days", "2", ...args));
    expect(code).toBe(0);
    expect(stderr).toContain(`note: ${words}\n`);
    expect(stderr).toContain("48 events; nothing new");
    expect(await archive.manifest()).toEqual(before);
    expect(await archive.files()).toEqual(expect.arrayContaining(paths));
  });

  test("does not tell the layout of a folder whose manifest is lost", async () => {
    const archive = await ArchiveFixture.start("2026-11-20T01:15:00Z", []);
    await mkdir(archive.folder);
    await writeFile(join(archive.folder, "0001-01-01T00.csv.gz"), "mine");
    const { code, stderr } = await quickly(archive.sync("--days", "1"));
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/1 exported/),
    });
    expect(await archive.read("0001-01-01T00.csv.gz")).toBe("mine");
  });
});

describe("a manifest", () => {
  async function rewrite(archive: ArchiveFixture, change: (manifest: object) => object) {
    const text = JSON.stringify(change(await archive.manifest()));
    for (const path of ["manifest.json", ".sync/manifest.json"]) {
      await writeFile(join(archive.folder, path), text);
    }
  }

  test("that begins in year 1 begins with its first file", async () => {
    const archive = await twoDays();
    const before = await archive.manifest();
    await rewrite(archive, (manifest) => ({ ...manifest, since: "0001-01-01T00:00:00Z" }));
    const words = "no archive reaches that far: since 0001-01-01T00:00:00Z in the manifest.";
    const status = await quickly(archive.status());
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toContain(words);
    const { code, stderr } = await quickly(archive.sync("--days", "2"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(words) });
    archive.now = "2026-11-21T01:15:00Z";
    await archive.sync("--days", "1");
    expect(await archive.manifest()).toMatchObject({ since: before.since });
  });

  test("with files of year 1 and the like is read without them", async () => {
    const archive = await twoDays();
    await rewrite(archive, (manifest) => {
      const { files } = manifest as Awaited<ReturnType<ArchiveFixture["manifest"]>>;
      const [first, second] = Object.values(files);
      return {
        ...manifest,
        files: {
          "0001-01-01.csv": { ...first, from: "0001-01-01T00:00:00Z", to: "0001-01-02T00:00:00Z" },
          "2026-11-18.csv": { ...first, from: "0001-01-01T00:00:00Z" },
          "2026-11-19.csv": { ...second, to: "9999-01-01T00:00:00Z" },
        },
      };
    });
    const status = await quickly(archive.status());
    expect(status.code).toBe(4);
    expect(status.stdout).toContain("no archive reaches that far: 0001-01-01.csv.");
    expect((await quickly(archive.sync("--days", "2"))).code).toBe(0);
    expect(await quickly(archive.status("--verify"))).toMatchObject({ code: 0 });
  });
});
