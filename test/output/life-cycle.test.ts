import { describe, expect, test } from "vitest";
import { LifeCycle } from "../../src/output/life-cycle.js";

const done = async () => "done";
const fail = async () => {
  throw new Error("the disk is full");
};

describe("what can end once", () => {
  test("is open until it ends, and not while it does", async () => {
    const life = new LifeCycle();
    expect(() => life.requireOpen()).not.toThrow();
    let finish = () => {};
    const end = life.end(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(() => life.requireOpen()).toThrow("the export is over, or about to be");
    await expect(life.end(done)).rejects.toThrow("the export is over, or about to be");
    finish();
    await end;
    expect(() => life.requireOpen()).toThrow("the export is over, or about to be");
  });

  test("ends in one way only", async () => {
    for (const first of ["end", "abandon"] as const) {
      const life = new LifeCycle();
      expect(await life[first](done)).toBe("done");
      await expect(life.end(done)).rejects.toThrow("the export is over");
      await expect(life.abandon(done)).rejects.toThrow("the export is over already");
    }
  });

  test("can be abandoned, once, where it could not end as it should", async () => {
    const life = new LifeCycle();
    await expect(life.end(fail)).rejects.toThrow("the disk is full");
    await expect(life.end(done)).rejects.toThrow("the export is over, or about to be");
    expect(await life.abandon(done)).toBe("done");
    await expect(life.abandon(done)).rejects.toThrow("the export is over already");
  });
});
