import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { hasTerminal, startOnTerminal } from "../support/terminal.js";

const colors = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

describe.skipIf(!hasTerminal).each([40, 60, 200])(
  "on a terminal of %i columns, lines break between words",
  (columns) => {
    test.each([
      ["yesterday"],
      ["yesterday --host http://api.sparkpost.com"],
      ["check"],
      ["types"],
      ["properties bounce"],
      ["bounce-classes"],
      ["yesterday --api-key"],
    ])("%s", async (line) => {
      const cwd = await newFolder();
      const args = line.split(" ");
      const { screen } = await startOnTerminal(args, { cwd, columns }).finished;
      const { stdout, stderr } = await runCommand(args, { cwd });
      const shown = screen.replaceAll(colors, "").split(/\r\n/);
      expect(Math.max(...shown.map((text) => text.length))).toBeLessThanOrEqual(columns);
      // The two runs may see different seconds.
      const words = (text: string) => new Set(text.replaceAll(/:\d\d\b/g, "").split(/\s+/));
      const whole = words(stdout + stderr);
      expect([...words(shown.join("\n"))].filter((word) => !whole.has(word))).toEqual([]);
    });
  },
);

test("in a pipe, a message is one line", async () => {
  const { stderr } = await runCommand(["yesterday", "--host", "http://api.sparkpost.com"], {
    cwd: await newFolder(),
  });
  expect(stderr.split("\n")).toHaveLength(3);
});
