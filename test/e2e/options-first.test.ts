import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };

test.each([
  "--config x.ini sync archive --days 1",
  "-c x.ini -q sync archive --days 1",
  "--config=x.ini --days 1 sync archive",
  "-qcx.ini sync archive --days=1",
  "--log_format json --config x.ini sync archive --days 1",
])("options may stand before the command: %s", async (line) => {
  const { origin } = await startTestSandbox(500);
  const cwd = await newFolder();
  await writeFile(join(cwd, "x.ini"), `[SparkPost]\nHost = ${origin}\nGzip = yes\n`);
  const { code, stderr } = await runCommand(line.split(" "), { cwd, env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const status = await runCommand(["--format", "json", "status", "archive"], { cwd, env });
  expect({ code: status.code, stderr: status.stderr }).toMatchObject({ stderr: "" });
  expect(JSON.stringify(JSON.parse(status.stdout))).toContain(".csv.gz");
});

test.each([
  ["--help sync", "sync --help"],
  ["-h sync", "sync --help"],
  ["help sync", "sync --help"],
  ["help check", "check --help"],
  ["--host h help check", "check --help"],
  ["--version sync", "--version"],
  ["--format csv types", "types --format csv"],
  ["--format json properties bounce", "properties bounce --format json"],
  ["properties Out-of-Band", "properties out_of_band"],
])("%s does what %s does", async (line, same) => {
  const cwd = await newFolder();
  const expected = await runCommand(same.split(" "), { cwd });
  expect(expected).toMatchObject({ code: 0, stderr: "" });
  expect(await runCommand(line.split(" "), { cwd })).toEqual(expected);
});

test.each([
  [
    "--verbose check",
    "unknown option '--verbose'\nOf all commands, … take it; leave it out here.\nRun sparky-events check --help for what it takes.",
  ],
  [
    "-q types",
    "unknown option '-q'\nOf all commands, … take it; leave it out here.\nRun sparky-events types --help for what it takes.",
  ],
  [
    "yesterday --excel=yes",
    "option '--excel' is unknown, or takes no value\nWrite --excel without a value.\nRun sparky-events --help to see what can be asked for.",
  ],
  [
    "check --campaigns=spring",
    "option '--campaigns' is unknown, or takes no value\nOf all commands, … take it; leave it out here.\nRun sparky-events check --help for what it takes.",
  ],
  ["help snyc", "There is no command snyc.\nDid you mean sparky-events sync?"],
  ["help whatever", "There is no command whatever.\nFor all of them: sparky-events --help"],
  ["-q snyc", "There is no command snyc.\nDid you mean sparky-events sync?"],
])("%s is an error that says what to type", async (line, message) => {
  const { code, stdout, stderr } = await runCommand(line.split(" "), { cwd: await newFolder() });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.replace(/(?<=commands, )export, [a-z, ]+(?= take)/, "…")).toBe(
    `error: ${message}\n`,
  );
});

test("the value of an option is no command", async () => {
  const { origin } = await startTestSandbox(500);
  const cwd = await newFolder();
  const { code, stdout } = await runCommand(
    ["--host", origin, "--campaigns", "sync", "-o", "status", "--dry-run", "yesterday"],
    { cwd, env },
  );
  expect({ code, count: stdout.split("\n")[1] }).toEqual({ code: 0, count: "0 events, 1 request" });
});
