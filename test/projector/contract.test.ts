import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bindExports, requireSameNames } from "../../src/projector/contract.js";
import { csvTask } from "../../src/projector/csv-task.js";
import { Host } from "../../src/projector/host.js";
import { instantiate } from "../../src/projector/instantiate.js";
import { Instance, Module } from "../../src/projector/web-assembly.js";
import { layoutOf } from "./layouts.js";

const { exports } = new Instance(
  new Module(readFileSync(new URL("../../dist/projector.wasm", import.meta.url))),
  { host: new Host(csvTask(layoutOf(["type"]))).imports },
);

test("a module that lacks a name is not opened", () => {
  for (const name of Object.keys(exports)) {
    const { [name]: _, ...others } = exports;
    expect(() => bindExports(others), name).toThrow(
      `projector.wasm is not of this version of the program: its exports lack ${name}, and have nothing besides.`,
    );
  }
});

test("a module with a name that nobody knows is not opened", () => {
  expect(() => bindExports({ ...exports, quotesNumbers: { value: 0 } })).toThrow(
    "its exports lack nothing, and have quotesNumbers besides.",
  );
});

test("a host that lacks a function, or has one that nobody calls, is told which", () => {
  expect(() => requireSameNames("import", ["readHour", "readDay"], ["readHour"])).toThrow(
    "its imports lack nothing, and have readDay besides.",
  );
  const task = csvTask(layoutOf(["type"]));
  const host = new Host(task);
  Object.assign(host.imports, { readYear: () => 0 });
  expect(() => instantiate(task, host)).toThrow(
    "its imports lack readYear, and have nothing besides.",
  );
});

test("columns fit into the tables of the module, to the last one", () => {
  const { mostValues } = bindExports(exports).constants;
  const columns = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
  const fits = (count: number) => {
    const task = csvTask(layoutOf(columns(count)));
    return instantiate(task, new Host(task)) !== undefined;
  };
  // Of the values, three are always wanted.
  expect(fits(mostValues - 3)).toBe(true);
  expect(fits(mostValues - 2)).toBe(false);
});
