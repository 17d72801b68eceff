import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Lock } from "../../src/files/lock.js";
import { newFolder } from "../support/command.js";

async function contend(path: string, contenders: number) {
  const attempts = await Promise.allSettled(
    Array.from({ length: contenders }, () => Lock.acquire(path, "a.csv")),
  );
  return attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
}

const dead: Record<string, string> = {
  "whose process is gone": JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: "1" }),
  "whose process number belongs to another one now": JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: "1",
  }),
};

describe("a lock", () => {
  test("goes to one of many, and to the next when it is given back", async () => {
    const path = join(await newFolder(), "lock");
    for (let round = 0; round < 20; round++) {
      const [holder, ...others] = await contend(path, 8);
      expect(others).toEqual([]);
      expect(await holder?.isHeld()).toBe(true);
      expect((await stat(path)).mode & 0o077).toBe(0);
      await holder?.release();
    }
  });

  for (const [name, content] of Object.entries(dead)) {
    test(`${name} is taken over by one of many`, async () => {
      const folder = await newFolder();
      const path = join(folder, "lock");
      for (let round = 0; round < 20; round++) {
        await writeFile(path, content);
        const [holder, ...others] = await contend(path, 8);
        expect(others).toEqual([]);
        expect(await holder?.isHeld()).toBe(true);
        expect(await readFile(path, "utf8")).not.toBe(content);
        await holder?.release();
        expect(await readdir(folder)).toEqual([]);
      }
    });
  }

  // Where nobody asks how a process ended, as in many a container, it stays in the list for good.
  test.runIf(process.platform === "linux")("whose process is a zombie is taken over", async () => {
    const path = join(await newFolder(), "lock");
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]);
    onTestFinished(() => {
      parent.kill("SIGKILL");
    });
    const pid = Number(String((await once(parent.stdout, "data"))[0]));
    const started = (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ")[21];
    await writeFile(path, JSON.stringify({ pid, host: hostname(), started }));
    expect(await contend(path, 1)).toEqual([]);
    await vi.waitFor(
      async () => expect(await readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z "),
      { timeout: 4000 },
    );
    const [holder] = await contend(path, 1);
    await holder?.release();
    expect(holder).toBeDefined();
  });

  test("that cannot be read is left alone while it is young, and taken over later", async () => {
    const path = join(await newFolder(), "lock");
    await writeFile(path, "");
    expect(await contend(path, 1)).toEqual([]);
    await utimes(path, new Date(0), new Date(0));
    const [holder] = await contend(path, 1);
    await holder?.release();
    expect(holder).toBeDefined();
  });

  test("of another machine is believed while it is touched", async () => {
    const path = join(await newFolder(), "lock");
    await writeFile(path, JSON.stringify({ pid: 1, host: "elsewhere" }));
    expect(await contend(path, 1)).toEqual([]);
    await utimes(path, new Date(0), new Date(0));
    const [holder] = await contend(path, 1);
    expect(holder).toBeDefined();
    await holder?.release();
  });

  test("takes away what processes left that were killed while they asked for it", async () => {
    const folder = await newFolder();
    const path = join(folder, "lock");
    const [draft, living] = [`${path}-0123456789abcdef`, `${path}-0123456789abcde0`];
    await writeFile(draft, dead["whose process is gone"] ?? "");
    const lock = await Lock.acquire(path, "a.csv");
    await writeFile(living, await readFile(path));
    await lock.release();
    expect(await readdir(folder)).toEqual(["lock-0123456789abcde0"]);
  });

  test("that was taken away is not given back in the name of another", async () => {
    const path = join(await newFolder(), "lock");
    const lock = await Lock.acquire(path, "a.csv");
    await writeFile(path, "somebody else's");
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(await readFile(path, "utf8")).toBe("somebody else's");
  });
});
