import { describe, expect, test } from "vitest";
import { listedCommands } from "../../src/cli/commands.js";
import { newFolder, runCommand } from "../support/command.js";
import { hasTerminal, startOnTerminal } from "../support/terminal.js";

async function helpOf(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand([...args, "--help"], {
    cwd: await newFolder(),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** Lines below a title, up to the next one. */
function section(help: string, title: string): string[] {
  const lines = help.split("\n");
  const start = lines.findIndex((line) => line.startsWith(title));
  expect(start, title).toBeGreaterThan(-1);
  const rest = lines.slice(start + 1);
  return rest.slice(0, rest.indexOf(""));
}

async function commandNames(): Promise<string[]> {
  const others = section(await helpOf(), "Other commands");
  return ["export", ...others.map((line) => line.trim().split(" ")[0] ?? "")];
}

describe("a bare call", () => {
  test("shows the lines that matter, and does not look like a success", async () => {
    const { code, stdout, stderr } = await runCommand([], { cwd: await newFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const lines = stderr.split("\n").filter(Boolean);
    expect(lines).toHaveLength(5);
    const calls = ["init", "yesterday", "yesterday -o yesterday.xlsx", "--help"];
    for (const [index, call] of calls.entries()) {
      expect(lines[index + 1]).toMatch(new RegExp(`^  sparky-events ${call}  +\\w`));
    }
  });

  test.skipIf(!hasTerminal)("breaks no words on a narrow terminal", async () => {
    const { code, screen } = await startOnTerminal([], { cwd: await newFolder(), columns: 40 })
      .finished;
    expect(code).toBe(2);
    const lines = screen.split("\r\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain("yesterday -o yesterday.xlsx");
  });
});

test("every command has examples, with options that it knows, and its exit codes", async () => {
  const names = await commandNames();
  expect(names).toEqual(expect.arrayContaining(["sync", "status", "init", "completion"]));
  expect(listedCommands.map(({ name }) => name)).toEqual(names);
  for (const name of names) {
    const help = await helpOf(name);
    const examples = section(help, "Examples:").join("\n");
    expect(examples).toContain(name === "export" ? "sparky-events yesterday" : `${name}`);
    for (const [option] of examples.matchAll(/(?<=\s)--?[a-z][\w-]*/g)) {
      const owner = option === "-l" ? "crontab -l" : `${option}[ ,=]`;
      expect(option === "-l" ? examples : help.split("Examples:")[0] + (await helpOf())).toMatch(
        new RegExp(owner),
      );
    }
    const codes = section(help, "Exit codes:");
    expect(codes[0]).toMatch(/^ {2}0 +\S/);
    expect(codes.join("\n")).toMatch(/^ {2}1 +\S/m);
  }
});

test("the overview has every command as its own help has it", async () => {
  const overview = section(await helpOf(), "Other commands").join("\n");
  for (const { name, usage, description } of listedCommands.slice(1)) {
    const help = (await helpOf(name)).replaceAll(/\s+/g, " ");
    expect(help).toContain(`Usage: sparky-events ${name} [options] ${usage}`.trimEnd());
    expect(help).toContain(`${usage} ${description}`.trimStart());
    expect(overview).toContain(`  ${name} ${usage}`.trimEnd());
    expect(overview.replaceAll(/\s+/g, " ")).toContain(description);
  }
});

test("a command that fits is on one line, to be copied", async () => {
  expect(await helpOf("sandbox")).toMatch(/^ {2}SPARKPOST_API_KEY=.*:8025$/m);
  expect(await helpOf("completion")).toMatch(/^ {2}sparky-events completion fish > .*\.fish$/m);
});

test("an option is described as what it is for the command", async () => {
  const [sync, status, check, types] = await Promise.all(
    ["sync", "status", "check", "types"].map((name) => helpOf(name)),
  );
  expect(sync).toMatch(/--timezone <ZONE> +zone of the days/);
  expect(sync).not.toContain("<from>");
  expect(status).toMatch(/--keep <DAYS> +days after which sync deletes/);
  expect(status).not.toMatch(/--keep <DAYS> +delete/);
  expect(check).not.toContain("<from>");
  expect(check).toMatch(/--timeout <DURATION> [^-]*10s at most/);
  expect(types).toMatch(/--host <HOST> +with --live:/);
  for (const help of [sync, status, check, types]) {
    expect(help).not.toMatch(/choices:|display help/);
  }
});

test("the shell tells what the opposite of an option is", async () => {
  const { stdout } = await runCommand(["completion", "fish"], { cwd: await newFolder() });
  expect(stdout).toMatch(/-l no-excel -d 'not --excel, whatever sparkpost\.ini says'/);
  expect(stdout).toMatch(/-l escape-formulas -d 'not --no-escape-formulas, /);
});

describe.skipIf(!hasTerminal)("on a terminal", () => {
  test.each([40, 60, 80, 200])("of %i columns, help breaks no words", async (columns) => {
    const names = await commandNames();
    for (const name of names) {
      const { code, screen } = await startOnTerminal([name, "--help"], {
        cwd: await newFolder(),
        columns,
      }).finished;
      expect(code).toBe(0);
      // A path stays whole.
      const breakable = screen.split("\r\n").filter((line) => line.trim().includes(" "));
      const longest = Math.max(...breakable.map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(Math.min(columns, 100));
      const words = (text: string) => text.split(/\s+/).filter(Boolean);
      expect(words(screen)).toEqual(words(await helpOf(name)));
    }
  });

  const styled = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
  /** Bold, dim or coloured; a question shows the cursor by inverting a cell. */
  const painted = new RegExp(`${String.fromCharCode(27)}\\[([12]|[39]\\d)m`);

  test.each([
    [["check", "--timezone", "x"]],
    [["types"]],
    [["init"]],
    [["yesterday"]],
    [["nonsense"]],
  ])("--no-color and NO_COLOR leave %j without colours", async (args) => {
    const show = async (words: string[], env = {}) => {
      const terminal = startOnTerminal(words, { cwd: await newFolder(), env });
      if (args[0] === "init") {
        await terminal.shows("API key");
        terminal.type("\u0003");
      }
      return (await terminal.finished).screen;
    };
    const colored = await show(args);
    expect(colored).toMatch(painted);
    for (const plain of [
      await show(args, { NO_COLOR: "1" }),
      await show([...args, "--no-color"]),
      await show(["--no-color", ...args]),
    ]) {
      expect(plain).not.toMatch(painted);
      expect(plain.replaceAll(styled, "")).toBe(colored.replaceAll(styled, ""));
    }
  });
});
