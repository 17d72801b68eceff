import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { commandLine, newFolder, runCommand } from "../support/command.js";
import { nameStore, storeEngines } from "../support/event-stores.js";
import { startTestSandbox } from "../support/sandbox.js";
import {
  cronCommand,
  hasAnalyze,
  hereDocuments,
  newHome,
  plistValue,
  runAs,
} from "../support/schedule.js";
import { type Element, parseXml, textOf } from "../support/xml.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const [, script = ""] = commandLine([]);
const { username } = userInfo();
const server = "postgres://db.example.com/mail?sslmode=require";

test.each(storeEngines)("cron: a run fills a database in $engine", async (harness) => {
  const { origin } = await startTestSandbox(2000);
  const { folder, bin, schedule } = await newHome(
    undefined,
    `Authorization = ${key}\nHost = ${origin}\n`,
  );
  const { name, env, texts } = await nameStore(harness);
  const passFile = join(folder, "pass file");
  await writeFile(passFile, `*:*:*:*:${env.PGPASSWORD ?? ""}\n`, { mode: 0o600 });
  const isServer = harness.engine === "PostgreSQL";
  const text = await schedule(["cron", "--to", name], isServer ? { PGPASSFILE: "pass file" } : {});
  const { command } = cronCommand(text);
  await writeFile(join(bin, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  // What a crontab gives a program.
  const surroundings = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder };
  const run = promisify(execFile)("/bin/sh", ["-c", command], { cwd: "/", env: surroundings });
  expect(await run).toEqual({ stdout: "", stderr: "" });
  expect((await texts()).length).toBeGreaterThan(1000);
});

test("cron: a DuckDB file is named by its whole path", async () => {
  const { folder, config, bin, schedule } = await newHome();
  const { command } = cronCommand(await schedule(["cron", "--to", "my events.duckdb"]));
  const { stdout } = await runAs(["/bin/sh", "-c", command], bin);
  expect(JSON.parse(stdout).argv).toEqual([
    ...[script, "sync", "--to", join(folder, "my events.duckdb")],
    ...["--config", config, "--quiet"],
  ]);
});

test("cron: a password is read from libpq's file, whose line is told", async () => {
  const { folder, config, bin, schedule } = await newHome();
  const text = await schedule(["cron", "--to", server]);
  expect(text).toContain(`#     db.example.com:5432:mail:${username}:PASSWORD\n`);
  expect(text).toContain(" ~/.pgpass, ");
  const { command } = cronCommand(text);
  const told = JSON.parse((await runAs(["/bin/sh", "-c", command], bin)).stdout);
  expect(told).toMatchObject({
    argv: [script, "sync", "--to", server, "--config", config, "--quiet"],
    databaseUser: username,
  });
  expect(told.passFile).toBeUndefined();

  const named = await schedule(["cron", "--to", "postgres://ann@[::1]:5433/a%3Ab"], {
    PGPASSFILE: "my pass",
  });
  expect(named).toContain("#     \\:\\:1:5433:a\\:b:ann:PASSWORD\n");
  const toldOfNamed = JSON.parse(
    (await runAs(["/bin/sh", "-c", cronCommand(named).command], bin)).stdout,
  );
  expect(toldOfNamed.passFile).toBe(join(folder, "my pass"));
  expect(toldOfNamed.databaseUser).toBeUndefined();
});

describe("systemd", () => {
  test("hands a file of passwords over as a credential, and asks for the password once", async () => {
    const { folder, bin, schedule } = await newHome("a");
    const text = await schedule(["systemd", "--to", server, "--user", "ann"]);
    expect(spawnSync("/bin/sh", ["-n"], { input: text }).status).toBe(0);
    const { "sparky-events.service": unit = "" } = hereDocuments(text);
    const service = unit.split("\n");
    expect(service).toContain("LoadCredential=pgpass:/etc/sparky-events/pgpass");
    expect(service).toContain("StateDirectory=sparky-events");
    expect(service).toContain("RuntimeDirectoryMode=0700");
    expect(service).toContain("Environment=PGUSER=ann");
    expect(unit).not.toContain("ReadWritePaths");
    expect(unit).toMatch(
      /^ExecStart=\/usr\/bin\/env \S+ PGPASSFILE=\$\{RUNTIME_DIRECTORY\}\/pgpass XDG_STATE_HOME=%S\/sparky-events \S+ \S+ sync --to "postgres:\/\/db\.example\.com\/mail\?sslmode=require" /m,
    );

    // What is typed, as a line of such a file.
    await writeFile(join(bin, "systemd-ask-password"), "#!/bin/sh\ncat <<'END'\na:b\\c&d\nEND\n", {
      mode: 0o755,
    });
    const [asking = ""] = /^if \[ ! -s \/etc\/sparky-events\/pgpass[\s\S]*?^fi$/m.exec(text) ?? [];
    const file = join(folder, "secrets/pgpass");
    execFileSync("/bin/sh", ["-c", asking.replaceAll("/etc/sparky-events", `${folder}/secrets`)], {
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
    expect(await readFile(file, "utf8")).toBe("*:*:*:*:a\\:b\\\\c&d\n");
  });

  test("lets it write beside a DuckDB file, and tells two databases apart", async () => {
    const { folder, schedule } = await newHome("a");
    const text = await schedule(["systemd", "--to", "events.duckdb"]);
    const service = hereDocuments(text)["sparky-events.service"]?.split("\n");
    expect(service).toContain(`ReadWritePaths=${folder}`);
    expect(service).toContain(`X-Archive=${folder}/events.duckdb`);
    expect(text).toContain(`grep -qxF -e X-Archive=${folder}/events.duckdb `);
    expect(text).not.toContain("pgpass");
  });

  test.skipIf(!hasAnalyze).each([
    ["a DuckDB file", "my events.duckdb"],
    ["a server", server],
  ])("finds nothing wrong with the units: %s", async (_, to) => {
    const { folder, schedule } = await newHome(`it's 50% off & "more" $HOME \\é`);
    const units = hereDocuments(await schedule(["systemd", "--to", to]));
    const paths = Object.keys(units).map((name) => join(folder, name));
    for (const [name, content] of Object.entries(units)) {
      await writeFile(join(folder, name), content);
    }
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", ...paths], {
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

test("launchd: names the file of passwords, and logs where macOS has logs", async () => {
  const { folder, schedule } = await newHome("a");
  const text = await schedule(["launchd", "--to", server], { PGPASSFILE: "pass" });
  const job = plistValue(parseXml(text).children[0] as Element);
  expect(job).toMatchObject({
    EnvironmentVariables: { PGPASSFILE: join(folder, "pass"), PGUSER: username },
    StandardErrorPath: expect.stringMatching(/^\/.*\/Library\/Logs\/sparky-events\.log$/),
  });
  expect(JSON.stringify(job)).toContain(`"sync","--to","${server}"`);
});

test("windows: has the address, and tells where the password belongs", async () => {
  const cwd = await newFolder();
  const { code, stdout, stderr } = await runCommand(["schedule", "windows", "--to", server], {
    cwd,
  });
  expect(code).toBe(0);
  expect(textOf(parseXml(stdout), "Arguments")).toContain(`sync --to "${server}"`);
  expect(stderr).toContain("%APPDATA%\\postgresql\\pgpass.conf");
});

describe("docker", () => {
  async function wordsOf(args: readonly string[], env: Record<string, string> = {}) {
    const { folder, bin, schedule } = await newHome("a b", `Authorization = ${key}\n`);
    await writeFile(join(bin, "docker"), `#!/bin/sh\nfor word; do printf '%s\\0' "$word"; done\n`, {
      mode: 0o755,
    });
    const { command } = cronCommand(await schedule(["docker", ...args], env));
    const { stdout } = await runAs(["/bin/sh", "-c", command], bin);
    const words = stdout.split("\0").slice(0, -1);
    const valuesOf = (option: string) => words.filter((_, i) => words[i - 1] === option);
    const mounts = valuesOf("--mount").map((value) => (parse(value)[0] ?? []).slice(1).join(" "));
    return { folder, mounts, variables: valuesOf("--env"), words };
  }

  test("mounts the folder of a DuckDB file", async () => {
    const { folder, mounts, words } = await wordsOf(["--to", "sub/events.duckdb"]);
    expect(mounts).toContain(`source=${folder}/sub target=/data`);
    expect(words.join(" ")).toContain("sync --to /data/events.duckdb");
  });

  test("mounts the file of passwords, and a folder for what outlasts a run", async () => {
    const { folder, mounts, variables, words } = await wordsOf(["--to", server]);
    expect(mounts).toContain(`source=${folder}/.pgpass target=/run/secrets/pgpass readonly`);
    expect(mounts).toContain(
      `source=${folder}/.local/state/sparky-events target=/data/sparky-events`,
    );
    expect(variables).toContain("PGPASSFILE=/run/secrets/pgpass");
    expect(variables).toContain("XDG_STATE_HOME=/data");
    expect(words.join(" ")).toContain(`sync --to ${server}`);
  });
});

describe("what is refused or warned of", () => {
  test.each([
    [["cron", "files", "--to", "events.duckdb"], "Leave one of them out."],
    [["cron", "--to", "events.csv"], "is not the name of a store"],
    [["systemd", "--to", "postgres://me:secret@db/mail"], "A password on the command line"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await runCommand(["schedule", ...args], {
      cwd: await newFolder(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
  });

  test.each(["cron", "systemd", "launchd", "windows", "docker"])(
    "a password stays out of what others can read: %s",
    async (scheduler) => {
      const { code, stdout, stderr } = await runCommand(["schedule", scheduler, "--to", server], {
        cwd: await newFolder(),
        env: { PGPASSWORD: "top-secret" },
      });
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain("top-secret");
      expect(stderr).toContain("warning: PGPASSWORD was left out");
    },
  );

  test("a container's localhost", async () => {
    const { stderr } = await runCommand(["schedule", "docker", "--to", "postgres://localhost/a"], {
      cwd: await newFolder(),
    });
    expect(stderr).toContain("localhost is the container itself");
  });
});
