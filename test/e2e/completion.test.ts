import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { searchFilters } from "../../src/api/search-filters.js";
import { settingNames } from "../../src/config/setting-names.js";
import { newFolder, runCommand } from "../support/command.js";

async function scriptFor(shell: string) {
  const { code, stdout, stderr } = await runCommand(["completion", shell], {
    cwd: await newFolder(),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test.each(["bash", "zsh", "fish"])("%s: names every command and option", async (shell) => {
  const script = await scriptFor(shell);
  const options = ["out", "events", "give-up-after", "dry-run", "live", "fail-rate"];
  const filters = searchFilters.map(({ name }) => name.replaceAll("_", "-"));
  for (const option of [...options, ...filters]) {
    expect(script).toContain(shell === "fish" ? `-l ${option} ` : `--${option}`);
  }
  for (const command of ["init", "check", "types", "properties", "bounce-classes", "demo"]) {
    expect(script).toMatch(new RegExp(`\\b${command}\\b`));
  }
  for (const word of ["out_of_band", "target_link_url", "Europe/Berlin"]) {
    expect(script).toContain(word);
  }
});

function has(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

const lines: [line: string, offered: string[]][] = [
  ["ch", ["check"]],
  ["ye", ["yesterday"]],
  ["yesterday --ev", ["--event-ids", "--events"]],
  ["yesterday --events bo", ["bounce"]],
  ["yesterday -e bounce,cl", ["bounce,click"]],
  ["yesterday -p timestamp,raw_r", ["timestamp,raw_rcpt_to", "timestamp,raw_reason"]],
  ["yesterday --timezone Europe/Be", ["Europe/Belgrade", "Europe/Berlin"]],
  ["yesterday --timestamp-format s", ["spreadsheet"]],
  ["yesterday --bounce-classes 10,9", ["10,90"]],
  ["yesterday --properties type,eve", ["type,event", "type,event_description", "type,event_id"]],
  ["yesterday --host api.e", ["api.eu.sparkpost.com"]],
  ["yesterday --api m", ["message-events"]],
  ["yesterday --csv-delimiter s", ["semicolon"]],
  ["yesterday --no-ex", ["--no-excel"]],
  ["yesterday --split-rows ", []],
  ["sync --layout h", ["hive"]],
  ["sync --by ", ["day", "hour"]],
  ["sync --log-format j", ["json"]],
  ["status --format ", ["json", "table"]],
  ["sandbox --events ", []],
  ["check --ti", ["--timeout", "--timezone"]],
  ["properties bo", ["bounce"]],
  ["types --format ", ["csv", "json", "table"]],
  ["completion ", ["bash", "fish", "zsh"]],
  ["schedule ", ["cron", "docker", "launchd", "systemd", "windows"]],
];

describe.skipIf(!has("bash"))("in bash", () => {
  test.each([...lines, ["yesterday --events = bounce,cl", ["bounce,click"]] as const])(
    "sparky-events %s",
    async (line, offered) => {
      const folder = await newFolder();
      await writeFile(join(folder, "completion.bash"), await scriptFor("bash"));
      const words = ["sparky-events", ...line.split(" ")];
      const { stdout, stderr } = spawnSync(
        "bash",
        [
          "--norc",
          "-c",
          `source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sparky_events; printf '%s\\n' "\${COMPREPLY[@]}"`,
          "bash",
          ...words,
        ],
        { cwd: folder, encoding: "utf8" },
      );
      expect({ stderr, offered: stdout.split("\n").filter(Boolean).sort() }).toEqual({
        stderr: "",
        offered,
      });
    },
  );
});

test.skipIf(!has("bash"))("in bash, folders are offered for the folder of an archive", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "an archive"));
  await writeFile(join(folder, "an ini file"), "");
  await writeFile(join(folder, "completion.bash"), await scriptFor("bash"));
  const { stdout } = spawnSync(
    "bash",
    [
      "--norc",
      "-c",
      `source completion.bash; COMP_WORDS=(sparky-events sync an); COMP_CWORD=2; _sparky_events; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { cwd: folder, encoding: "utf8" },
  );
  expect(stdout).toBe("an archive\n");
});

describe.skipIf(!has("fish"))("in fish", () => {
  test.each(lines)("sparky-events %s", async (line, offered) => {
    const folder = await newFolder();
    await writeFile(join(folder, "completion.fish"), await scriptFor("fish"));
    const { stdout } = spawnSync(
      "fish",
      ["--no-config", "-c", `source completion.fish; complete -C 'sparky-events ${line}'`],
      { cwd: folder, encoding: "utf8", env: { ...process.env, HOME: folder } },
    );
    const words = stdout
      .split("\n")
      .filter(Boolean)
      .map((text) => text.split("\t")[0]);
    expect(words.sort()).toEqual(offered);
  });
});

describe.skipIf(!has("zsh"))("in zsh", () => {
  test("the script is well-formed", async () => {
    const { status, stderr } = spawnSync("zsh", ["-n"], {
      input: await scriptFor("zsh"),
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  // What is offered cannot be asked for, so a person's Tab and Enter are played to a shell whose
  // sparky-events prints what it is given.
  const session = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PROMPT=; autoload -U compinit; compinit -u -D; source completion.zsh'
    zpty -w shell 'sparky-events() { print -r -- "<$*>" }; print rea""dy'
    zpty -r shell answer '*ready*'
    zpty -w -n shell "sparky-events $1"$'\t\n'
    zpty -r shell answer '*<*>*'
    print -r -- $answer`;

  const completed = [...lines, ["sync arch", ["archive"]] as const].flatMap(([line, offered]) =>
    offered.length === 1 ? [[line, line.replace(/[^ ]*$/, offered[0] ?? "")]] : [],
  );

  test.each(completed)("sparky-events %s<Tab> becomes %s", async (line = "", whole) => {
    const folder = await newFolder();
    await mkdir(join(folder, "archive"));
    await writeFile(join(folder, "completion.zsh"), await scriptFor("zsh"));
    const { stdout } = spawnSync("zsh", ["-f", "-c", session, "zsh", line], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HOME: folder, TERM: "dumb" },
      timeout: 30_000,
    });
    expect(/<(.*)>/.exec(stdout)?.[1]).toBe(whole);
  });
});

test("offers every word that a setting can have", async () => {
  const settings = settingNames.filter(({ values }) => values !== undefined);
  expect(settings.map(({ option }) => option)).toEqual(
    expect.arrayContaining(["api", "by", "csv-delimiter", "layout", "log-format"]),
  );
  const script = await scriptFor("bash");
  for (const { option, values = [] } of settings) {
    expect(script).toContain(`_${option?.replaceAll("-", "_")}="${values.join(" ")}"`);
  }
});

test("an unknown shell", async () => {
  const { code, stderr } = await runCommand(["completion", "powershell"], {
    cwd: await newFolder(),
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/'powershell' is invalid.* Allowed choices are bash, zsh, fish\./);
});
