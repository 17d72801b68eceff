import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addKey, removeKey } from "../../src/access/change-access.js";
import { KeyRing } from "../../src/access/key-ring.js";
import { systemClock } from "../../src/clock.js";
import { newFolder } from "../support/command.js";

const add = (path: string, name: string) => addKey(path, { name, role: "search" }, systemClock);

test("keys come and go while the file is in use", async () => {
  const path = join(await newFolder(), "keys");
  const first = await add(path, "first");
  const ring = await KeyRing.open(path);
  expect(await ring.find(first)).toMatchObject({ name: "first", role: "search" });
  expect(await ring.find(first.toUpperCase())).toBeUndefined();
  expect(await ring.find("")).toBeUndefined();
  const second = await add(path, "second");
  expect(await ring.find(second)).toMatchObject({ name: "second" });
  await removeKey(path, "first", systemClock);
  expect(await ring.find(first)).toBeUndefined();
  expect(await ring.find(second)).toMatchObject({ name: "second" });
  expect(ring.size).toBe(1);
});

test("no key is known while the file is gone, broken or open to others", async () => {
  const path = join(await newFolder(), "keys");
  const key = await add(path, "me");
  const ring = await KeyRing.open(path);
  const isKnown = async () => (await ring.find(key))?.name === "me";

  await rename(path, `${path}.away`);
  await expect(ring.find(key)).rejects.toThrow("There is no access file");
  await rename(`${path}.away`, path);
  expect(await isKnown()).toBe(true);

  await chmod(path, 0o644);
  await expect(ring.find(key)).rejects.toThrow("open to others");
  // Each time, not the first time only.
  await expect(ring.find(key)).rejects.toThrow("open to others");
  await chmod(path, 0o600);
  expect(await isKnown()).toBe(true);

  await writeFile(path, "{}");
  await expect(ring.find(key)).rejects.toThrow("is broken");
  await rm(path);
  const other = await add(path, "other");
  expect(await isKnown()).toBe(false);
  expect(await ring.find(other)).toMatchObject({ name: "other" });
});
