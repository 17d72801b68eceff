import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newFolder } from "./support/command.js";

const root = fileURLToPath(new URL("..", import.meta.url));

test("a clone that is not built says how to build it", async () => {
  const clone = await cloneWith("bin", "package.json");
  const { code, stdout, stderr } = await run("node", ["bin/sparky-events.js", "--help"], clone);
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: "",
    stderr: `error: sparky-events in ${clone}/ is not built, or not whole. There, run: npm ci\n`,
  });
});

test("a clone that is built, but lacks its dependencies, says so too", async () => {
  const clone = await cloneWith("bin", "package.json", "dist");
  const { code, stderr } = await run("node", ["bin/sparky-events.js", "--help"], clone);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("npm ci") });
  expect(stderr.split("\n")).toHaveLength(2);
});

test("npm install --global in a clone says what has to come first", async () => {
  const clone = await cloneWith("bin", "package.json", "scripts", "tsconfig.json");
  const { code, stderr } = await run(
    "npm",
    ["install", "--global", "--offline", "--prefix", join(clone, "global"), "."],
    clone,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/In .*, run\n.*\n.* {2}npm ci\n.*\n.*and then the same command again/);
  expect(stderr).not.toContain("tsc: not found");
});

test("nothing is published before its owner stands in package.json", async () => {
  const clone = await cloneWith("package.json", "scripts");
  const before = await run("node", ["scripts/require-owner.js"], clone);
  expect(before).toMatchObject({ code: 1, stderr: expect.stringContaining("OWNER") });
  const path = join(clone, "package.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll("/OWNER/", "/somebody/"));
  expect(await run("node", ["scripts/require-owner.js"], clone)).toMatchObject({ code: 0 });
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
    homepage: "https://github.com/somebody/sparky-events#readme",
    bugs: "https://github.com/somebody/sparky-events/issues",
    repository: { url: "git+https://github.com/somebody/sparky-events.git" },
    scripts: { prepublishOnly: "node scripts/require-owner.js" },
  });
});

async function cloneWith(...names: readonly string[]): Promise<string> {
  const clone = join(await newFolder(), "clone");
  await mkdir(clone);
  for (const name of names) {
    await cp(join(root, name), join(clone, name), { recursive: true });
  }
  return clone;
}

async function run(program: string, args: readonly string[], cwd: string) {
  return promisify(execFile)(program, args, { cwd }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
