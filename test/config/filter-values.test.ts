import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseIni } from "../../src/config/ini-file.js";
import { resolveSettings } from "../../src/config/settings.js";
import { newFolder } from "../support/command.js";

function subjects(value: string, ini = "a.ini") {
  const fromOption = resolveSettings({ options: { subjects: value } }).settings.filters.subjects;
  const entries = parseIni(`[SparkPost]\nSubjects = ${value.replaceAll("\n", "\n  ")}`, ini);
  const { filters } = resolveSettings({ options: {}, ini: { name: ini, entries } }).settings;
  expect(filters.subjects).toEqual(fromOption);
  return fromOption;
}

test.each([
  ["a, b,,c ,", ["a", "b", "c"]],
  ["a\nb, c", ["a", "b", "c"]],
  ["a,b,a", ["a", "b"]],
  ['"Hello, world", Sale', ["Hello, world", "Sale"]],
  ['"a","b" , "c"', ["a", "b", "c"]],
  ['"""Hi"", she said"', ['"Hi", she said']],
  ['say "hi", you', ['say "hi"', "you"]],
  ['"@home"', ["@home"]],
  ["me@home", ["me@home"]],
  ['"", a', ["a"]],
])("%j is the list %j", (value, expected) => {
  expect(subjects(value)).toEqual(expected);
});

test.each(['"Hello, world', 'a, "b', '"a" b', '"a\nb"', '@"list.txt'])(
  "%j is refused, with what to write instead",
  (value) => {
    expect(() => subjects(value)).toThrow(
      /^--subjects: the double quotes of .* do not enclose a value\.$/,
    );
  },
);

describe("a file of values", () => {
  async function folderWith(files: Record<string, string | Uint8Array>) {
    const folder = await newFolder();
    await Promise.all(
      Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)),
    );
    return folder;
  }

  test("has one on each line, as it stands", async () => {
    const folder = await folderWith({
      "list.txt": '\uFEFFHello, world\r\n\r\n  "quoted" \n@home\rx\nx\nlast',
      "a, b.txt": "other\n",
    });
    const list = join(folder, "list.txt");
    const values = ["Hello, world", '"quoted"', "@home", "x", "last"];
    expect(subjects(`@${list}`)).toEqual(values);
    expect(subjects(`first, @${list}, x, y`)).toEqual(["first", ...values, "y"]);
    expect(subjects(`@"${join(folder, "a, b.txt")}"`)).toEqual(["other"]);
  });

  test("is looked for beside the ini file that names it", async () => {
    const folder = await folderWith({ "list.txt": "bounce\nclick\n" });
    const entries = parseIni("[SparkPost]\nEvents = @list.txt", "a.ini");
    const ini = { name: join(folder, "a.ini"), entries };
    expect(resolveSettings({ options: {}, ini }).settings.events).toEqual(["bounce", "click"]);
  });

  test.each([
    ["@missing.txt", "--subjects: cannot read missing.txt: there is no such file."],
    ["@", "--subjects: after @ the name of a file is missing."],
    ["@FOLDER/empty.txt", "--subjects: FOLDER/empty.txt holds no values."],
    ["@FOLDER/sub", "--subjects: cannot read FOLDER/sub: it is a folder."],
    ["@FOLDER/utf16.txt", "--subjects: FOLDER/utf16.txt is not UTF-8."],
  ])("%s is refused", async (value, message) => {
    const folder = await folderWith({
      "empty.txt": "\uFEFF\r\n \n",
      "utf16.txt": Buffer.from("\uFEFFa\n", "utf16le"),
    });
    await mkdir(join(folder, "sub"));
    expect(() => subjects(value.replace("FOLDER", folder))).toThrow(
      message.replace("FOLDER", folder),
    );
  });
});
