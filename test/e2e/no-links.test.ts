import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { diskOf } from "../support/disk.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** Runs commands in a folder of a file system without hard links. */
async function startDisk(code: string) {
  const cwd = await newFolder();
  const disk = diskOf(["no-links.js"], {
    NO_LINKS: code,
    SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
  });
  return {
    cwd,
    run: (...args: string[]) => runCommand(args, { cwd, ...disk }),
    read: (name: string) => readFile(join(cwd, name), "utf8"),
  };
}

describe.each(["EPERM", "ENOSYS"])("without hard links (%s)", (code) => {
  test("init writes a file for its owner only, and leaves one alone that is there", async () => {
    const { cwd, run, read } = await startDisk(code);
    expect(await run("init")).toMatchObject({ code: 0, stderr: "" });
    expect((await stat(join(cwd, "sparkpost.ini"))).mode & 0o777).toBe(0o600);
    expect(await read("sparkpost.ini")).toContain("[SparkPost]");
    await writeFile(join(cwd, "sparkpost.ini"), "precious");
    const { code: again, stderr } = await run("init");
    expect(again).toBe(2);
    expect(stderr).toMatch(/^error: sparkpost\.ini is there already, and was left alone\.$/m);
    expect(await read("sparkpost.ini")).toBe("precious");
    expect(await readdir(cwd)).toEqual(["sparkpost.ini"]);
  });

  test("a file appears when it is complete, and replaces none that appeared meanwhile", async () => {
    const { cwd, run, read } = await startDisk(code);
    let appears: string | undefined;
    const { origin } = await startScriptedServer([
      async (request, response) => {
        if (appears !== undefined) await writeFile(join(cwd, appears), "precious");
        page([{ type: "a" }])(request, response);
      },
    ]);
    const args = [day, "--host", origin, "-p", "type", "-o"];
    expect((await run(...args, "a.csv")).code).toBe(0);
    expect(await read("a.csv")).toBe("type\na\n");
    appears = "b.csv";
    const { code: exit, stderr } = await run(...args, "b.csv");
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^error: b\.csv appeared while the export ran, and was left alone\.$/m);
    expect(await read("b.csv")).toBe("precious");
  });

  test("split files appear, and are replaced", async () => {
    const { cwd, run, read } = await startDisk(code);
    let types = ["a", "b"];
    const { origin } = await startScriptedServer([
      (request, response) => page(types.map((type) => ({ type })))(request, response),
    ]);
    const args = [day, "--host", origin, "-p", "type", "--split-rows", "1", "-o", "a.csv"];
    expect((await run(...args)).code).toBe(0);
    expect([await read("a.csv"), await read("a-2.csv")]).toEqual(["type\na\n", "type\nb\n"]);
    types = ["c", "d"];
    expect((await run(...args, "--force")).code).toBe(0);
    expect([await read("a.csv"), await read("a-2.csv")]).toEqual(["type\nc\n", "type\nd\n"]);
    expect((await readdir(cwd)).sort()).toEqual(["a-2.csv", "a.csv"]);
  });
});
