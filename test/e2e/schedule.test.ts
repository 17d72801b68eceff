import { execFile, execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { commandLine, newFolder, runCommand } from "../support/command.js";
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

describe("cron", () => {
  test("runs the command with these paths, beside the ini file, after a wait", async () => {
    const { folder, config, archive, bin, schedule } = await newHome();
    const { time, command } = cronCommand(await schedule(["cron"]));
    expect(time).toBe("17 3");
    // Both mean something to some crons.
    expect(command).not.toMatch(/%|\\\\/);
    const { stdout, stderr, status } = await runAs(["/bin/sh", "-c", command], bin);
    expect({ status, told: JSON.parse(stdout) }).toEqual({
      status: 0,
      told: {
        argv: [script, "sync", archive, "--config", config, "--quiet"],
        cwd: folder,
        keyFile: join(folder, ".config/sparky-events/api-key"),
      },
    });
    expect(Number(stderr)).toBeLessThan(600);
  });

  test("waits for another time each night", async () => {
    const { bin, schedule } = await newHome("a");
    const { command } = cronCommand(await schedule(["cron"]));
    const waits = new Set<string>();
    for (let night = 0; night < 5; night++) {
      waits.add((await runAs(["/bin/sh", "-c", command], bin)).stderr);
    }
    expect(waits.size).toBeGreaterThan(1);
    // The largest number of two bytes makes for the longest wait.
    await writeFile(join(bin, "od"), "#!/bin/sh\necho 65535\n", { mode: 0o755 });
    expect((await runAs(["/bin/sh", "-c", command], bin)).stderr).toBe("595\n");
  });

  test("leaves the key where it is: in the ini file, or in a file of its own", async () => {
    const inIni = await newHome("a", `Authorization = ${key}\n`);
    const line = await inIni.schedule(["cron"]);
    expect(line).not.toContain("SPARKPOST_API_KEY");
    expect(line).not.toContain(key);

    const inFile = await newHome("a");
    const { command } = cronCommand(
      await inFile.schedule(["cron"], { SPARKPOST_API_KEY_FILE: "the key" }),
    );
    const { stdout } = await runAs(["/bin/sh", "-c", command], inFile.bin);
    expect(JSON.parse(stdout).keyFile).toBe(join(inFile.folder, "the key"));
  });

  test("tells how to write the key's file, and that command does it", async () => {
    const { folder, schedule } = await newHome(`it's "a" $b`);
    const text = await schedule(["cron"], { SPARKPOST_API_KEY: key });
    expect(text).not.toContain(key);
    const [, command = ""] = /^# {5}(mkdir .*)$/m.exec(text) ?? [];
    execFileSync("/bin/sh", ["-c", command], { input: `${key}\n` });
    const file = join(folder, ".config/sparky-events/api-key");
    expect(await readFile(file, "utf8")).toBe(`${key}\n`);
    const { origin } = await startTestSandbox(10);
    const { stdout } = await runCommand(["check", "--host", origin], {
      cwd: folder,
      env: { SPARKPOST_API_KEY_FILE: file },
    });
    expect(stdout).toMatch(/^✔ API key +…4567, from the file .*api-key/m);
    expect(stdout).not.toContain("can be read by");
  });

  test("keeps the archive complete when it runs", async () => {
    const { origin } = await startTestSandbox(2000);
    const { folder, archive, bin, schedule } = await newHome(
      undefined,
      `Authorization = ${key}\nHost = ${origin}\n`,
    );
    const { command } = cronCommand(await schedule(["cron"]));
    await writeFile(join(bin, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder };
    const run = promisify(execFile)("/bin/sh", ["-c", command], { cwd: "/", env });
    expect(await run).toEqual({ stdout: "", stderr: "" });
    const manifest = JSON.parse(await readFile(join(archive, "manifest.json"), "utf8"));
    const states = Object.values<{ state: string }>(manifest.files).map(({ state }) => state);
    // Yesterday counts as complete a quarter of an hour after its end.
    expect(states.length).toBeGreaterThan(7);
    expect(new Set(states)).toEqual(new Set(["complete"]));
  });

  test("takes a folder, a time, an ini file, a user, and the way to the network", async () => {
    const { folder, bin, schedule } = await newHome("a b");
    await writeFile(join(folder, "other.ini"), "[SparkPost]\n", { mode: 0o600 });
    const text = await schedule(
      ["cron", "my files", "--at", "0:05", "-c", "other.ini", "--user", "ann"],
      { HTTPS_PROXY: "http://proxy.example.com:8080" },
    );
    expect(text).toContain("`sudo crontab -u ann -e`");
    const { time, command } = cronCommand(text);
    expect(time).toBe("5 0");
    const { stdout } = await runAs(["/bin/sh", "-c", command], bin);
    expect(JSON.parse(stdout)).toMatchObject({
      argv: [
        script,
        "sync",
        join(folder, "my files"),
        "--config",
        join(folder, "other.ini"),
        "--quiet",
      ],
      proxy: "http://proxy.example.com:8080",
      keyFile: "/etc/sparky-events/api-key",
    });
  });
});

describe("systemd", () => {
  test("is a script that installs a service and a timer", async () => {
    const { folder, schedule } = await newHome(`it's 50% off & "more" $HOME \\é`);
    const text = await schedule(["systemd", "--at", "23:05", "--user", "ann"]);
    expect(spawnSync("/bin/sh", ["-n"], { input: text }).status).toBe(0);
    const units = hereDocuments(text);
    expect(Object.keys(units)).toEqual([
      "sparky-events.service",
      "sparky-events.timer",
      "sparky-events-failed.service",
    ]);
    const service = units["sparky-events.service"]?.split("\n");
    // As systemd reads it: %% is %, $$ is $, and \" is " within double quotes.
    const quoted = folder.replaceAll("%", "%%").replaceAll(/["\\]/g, "\\$&");
    const inCommand = quoted.replaceAll("$", "$$$$");
    expect(service).toContain("User=ann");
    expect(service).toContain(`WorkingDirectory=${folder.replaceAll("%", "%%")}`);
    expect(service).toContain("LoadCredential=sparkpost-api-key:/etc/sparky-events/api-key");
    expect(service).toContain(
      `ExecStart=/usr/bin/env SPARKPOST_API_KEY_FILE=\${CREDENTIALS_DIRECTORY}/sparkpost-api-key ${process.execPath} ${script} sync "${inCommand}/sparkpost-events" --config "${inCommand}/sparkpost.ini"`,
    );
    expect(service).toContain(`ReadWritePaths="${quoted}/sparkpost-events"`);
    expect(service).toContain("OnFailure=sparky-events-failed.service");
    expect(service).toContain("SuccessExitStatus=75");
    const timer = units["sparky-events.timer"]?.split("\n");
    expect(timer).toContain("OnCalendar=*-*-* 23:05:00");
    expect(timer).toContain("RandomizedDelaySec=10min");
    expect(timer).toContain("Persistent=true");
  });

  test("the script installs it, asks for the key once, and spares another folder's service", async () => {
    const { folder, bin, archive, schedule } = await newHome(`it's "a" $b`);
    const units = join(folder, "units");
    await mkdir(units);
    await writeFile(join(bin, "systemctl"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    await writeFile(join(bin, "systemd-ask-password"), `#!/bin/sh\necho ${key}\n`, { mode: 0o755 });
    const keyFile = join(folder, "secrets", "api-key");
    const install = async (args: readonly string[], env: Record<string, string> = {}) => {
      const text = (await schedule(["systemd", ...args, "--user", userInfo().username], env))
        .replaceAll("/etc/systemd/system", `'${units.replaceAll("'", `'"'"'`)}'`)
        .replaceAll("/etc/sparky-events/api-key", "secrets/api-key");
      return spawnSync("/bin/sh", ["-s"], {
        input: text.replaceAll("/etc/sparky-events", "secrets"),
        cwd: folder,
        encoding: "utf8",
        env: { PATH: `${bin}:/usr/bin:/bin` },
      });
    };
    expect(await install([])).toMatchObject({
      status: 0,
      stdout: "daemon-reload\nenable --now sparky-events.timer\n",
    });
    expect(await readFile(keyFile, "utf8")).toBe(`${key}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(archive).isDirectory()).toBe(true);

    await writeFile(keyFile, "kept");
    expect(await install(["--at", "4:00"])).toMatchObject({ status: 0 });
    expect(await readFile(join(units, "sparky-events.timer"), "utf8")).toContain(" 04:00:00\n");
    expect(await readFile(keyFile, "utf8")).toBe("kept");

    expect(await install(["elsewhere"])).toMatchObject({
      status: 1,
      stderr:
        "There is a sparky-events.service for another folder. Choose a name with --name NAME.\n",
    });
    expect(await install(["elsewhere", "--name", "second"])).toMatchObject({ status: 0 });
  });

  test("raises no alarm where another run is at work", async () => {
    const { schedule } = await newHome("a");
    const units = hereDocuments(await schedule(["systemd"]));
    const [service] = Object.entries(units).filter(([name]) => name.endsWith(".service"));
    expect(service?.[1].match(/^SuccessExitStatus=75$/gm)).toHaveLength(1);
  });

  test.each([
    ["", 15, 6],
    ["GiveUpAfter = 3h\n", 180, 4],
    ["GiveUpAfter = 20h\n", 1200, 1],
  ])(
    "tries again when SparkPost was not reached, for a while: %j",
    async (ini, longest, starts) => {
      const { schedule } = await newHome("a", ini);
      const { "sparky-events.service": text = "" } = hereDocuments(await schedule(["systemd"]));
      const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1] ?? "";
      // systemd refuses RestartForceExitStatus= of a service that is over when its command is.
      expect(text).not.toContain("RestartForceExitStatus");
      expect([value("Type"), value("Restart")]).toEqual(["oneshot", "on-failure"]);
      expect(value("RestartPreventExitStatus").split(" ")).toEqual(["1", "2", "3", "5", "6"]);
      const minutes = (time: string) => Number.parseInt(time, 10) * (time.endsWith("h") ? 60 : 1);
      // All runs without network have to be in the interval, or there is no last one.
      const each = minutes(value("RestartSec")) + longest;
      expect(Number(value("StartLimitBurst"))).toBe(starts);
      expect(each * starts).toBeLessThan(minutes(value("StartLimitIntervalSec")));
      // The next night is not to find it full.
      expect(minutes(value("StartLimitIntervalSec"))).toBeLessThan(24 * 60);
    },
  );

  test("when it fails, a unit says so that is kept as somebody has changed it", async () => {
    const { folder, bin, schedule } = await newHome("a b");
    const units = join(folder, "units");
    await mkdir(units);
    await writeFile(join(bin, "systemctl"), "#!/bin/sh\n", { mode: 0o755 });
    await writeFile(join(folder, "key"), key);
    const install = async () => {
      const user = userInfo().username;
      const text = await schedule(["systemd", "--name", "mail", "--user", user], {
        SPARKPOST_API_KEY_FILE: "key",
      });
      const { status, stderr } = spawnSync("/bin/sh", ["-s"], {
        input: text.replaceAll("/etc/systemd/system", `'${units}'`),
        encoding: "utf8",
        env: { PATH: `${bin}:/usr/bin:/bin` },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return text;
    };
    const text = await install();
    const path = join(units, "mail-failed.service");
    const [, words = ""] =
      /^ExecStart=\/bin\/echo '(.*)'$/m.exec(await readFile(path, "utf8")) ?? [];
    expect(words).toBe("<2>mail.service has failed. To see why: journalctl -u mail.service");
    await writeFile(path, "[Service]\nExecStart=/usr/local/bin/page-me\n");
    await install();
    expect(await readFile(path, "utf8")).toContain("page-me");

    const [, remove = ""] = /^# Remove it: .* && (rm .*)$/m.exec(text) ?? [];
    execFileSync("/bin/sh", ["-c", remove.replaceAll("/etc/systemd/system", `'${units}'`)]);
    expect(await readdir(units)).toEqual([]);
  });

  test.skipIf(!hasAnalyze)("systemd finds nothing wrong with the units", async () => {
    const { folder, schedule } = await newHome(`it's 50% off & "more" $HOME \\é`);
    const units = hereDocuments(
      await schedule(["systemd"], {
        HTTPS_PROXY: "http://proxy.example.com:8080",
        NODE_EXTRA_CA_CERTS: "my ca's.pem",
      }),
    );
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

describe("launchd", () => {
  test("runs the command with these paths, after a wait", async () => {
    const { folder, config, archive, bin, schedule } = await newHome();
    const plist = parseXml(await schedule(["launchd", "--at", "23:05"]));
    const job = plistValue(plist.children[0] as Element) as Record<string, never>;
    expect(job).toMatchObject({
      Label: "sparky-events",
      WorkingDirectory: folder,
      EnvironmentVariables: {
        SPARKPOST_API_KEY_FILE: join(folder, ".config/sparky-events/api-key"),
      },
      StartCalendarInterval: { Hour: 23, Minute: 5 },
    });
    expect(job).not.toHaveProperty("UserName");
    const { stdout, stderr } = await runAs(job.ProgramArguments ?? [], bin);
    expect(JSON.parse(stdout).argv).toEqual([script, "sync", archive, "--config", config]);
    expect(Number(stderr)).toBeLessThan(600);
  });

  test("is a daemon where it runs as somebody else", async () => {
    const { schedule } = await newHome();
    const text = await schedule(["launchd", "--user", "ann", "--name", "mail-events"]);
    const job = plistValue(parseXml(text).children[0] as Element);
    expect(job).toMatchObject({ Label: "mail-events", UserName: "ann" });
    expect(text).toContain("/Library/LaunchDaemons/mail-events.plist");
  });
});

/** As the Windows C runtime does. Source: Microsoft, "Parsing C command-line arguments". */
function splitCommandLine(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g)].map(([word]) =>
    word.replaceAll(/(\\*)"/g, (_, slashes: string) =>
      slashes.length % 2 === 1
        ? `${slashes.slice(0, (slashes.length - 1) / 2)}"`
        : slashes.slice(0, slashes.length / 2),
    ),
  );
}

describe("windows", () => {
  test("runs the command with these paths, once at a time, after a wait", async () => {
    const { folder, config, archive, schedule } = await newHome();
    const text = await schedule(["windows", "--at", "23:05", "--user", "WORK\\Ann & Bob"]);
    expect(text).toMatch(/^[\n -~]*$/);
    const task = parseXml(text);
    expect(textOf(task, "Command")).toBe(process.execPath);
    expect(splitCommandLine(textOf(task, "Arguments") ?? "")).toEqual([
      script,
      "sync",
      archive,
      "--config",
      config,
    ]);
    expect(textOf(task, "WorkingDirectory")).toBe(folder);
    expect(textOf(task, "UserId")).toBe("WORK\\Ann & Bob");
    expect(textOf(task, "StartBoundary")).toMatch(/T23:05:00$/);
    expect(textOf(task, "RandomDelay")).toBe("PT10M");
    expect(textOf(task, "MultipleInstancesPolicy")).toBe("IgnoreNew");
  });

  test("a folder that the Task Scheduler would read as a variable is refused", async () => {
    const { code, stdout, stderr } = await runCommand(["schedule", "windows", "%TEMP%"], {
      cwd: await newFolder(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: The Task Scheduler would take a part .*%TEMP%\nUse a folder/m);
  });
});

test("docker: mounts the folder, the ini file and the key, read-only but for the folder", async () => {
  const { folder, config, archive, bin, schedule } = await newHome(
    `a, it's 50% off & "more" $HOME \\é`,
    `Authorization = ${key}\n`,
  );
  const docker = join(bin, "docker");
  await writeFile(docker, `#!/bin/sh\nfor word; do printf '%s\\0' "$word"; done\n`);
  await chmod(docker, 0o755);
  const { command } = cronCommand(
    await schedule(["docker"], { HTTPS_PROXY: "http://proxy.example.com:8080" }),
  );
  expect(command).not.toMatch(/%|\\\\/);
  const { stdout, status } = await runAs(["/bin/sh", "-c", command], bin);
  expect(status).toBe(0);
  const words = stdout.split("\0").slice(0, -1);
  const valuesOf = (option: string) => words.filter((_, i) => words[i - 1] === option);
  const mounts = valuesOf("--mount").map((value) => parse(value)[0]);
  const keyFile = join(folder, ".config/sparky-events/api-key");
  expect(mounts).toEqual([
    ["type=bind", `source=${archive}`, "target=/data"],
    ["type=bind", `source=${config}`, "target=/run/sparkpost.ini", "readonly"],
    ["type=bind", `source=${keyFile}`, "target=/run/secrets/sparkpost-api-key", "readonly"],
  ]);
  const { uid, gid } = userInfo();
  expect(valuesOf("--user")).toEqual([`${uid}:${gid}`]);
  expect(valuesOf("--env")).toEqual([
    "HTTPS_PROXY=http://proxy.example.com:8080",
    "SPARKPOST_API_KEY_FILE=/run/secrets/sparkpost-api-key",
  ]);
  expect(words).toContain("--read-only");
  expect(words.slice(-6)).toEqual([
    "sparky-events",
    "sync",
    "/data",
    "--config",
    "/run/sparkpost.ini",
    "--quiet",
  ]);
});

describe("what is refused or warned of", () => {
  test.each([
    [["cron", "--at", "24:00"], '--at: "24:00" is not a time of day.\nWrite hours and minutes'],
    [["cron", "--name", "a b"], '--name: "a b" cannot be the name of a job.\nWrite letters'],
    [["systemd", "--user", "a b"], "systemd knows no users with such a name: a b\nName another"],
    [["cron", "a\nb"], "There is a line break or the like in "],
    [["systemd", "-c", "missing.ini"], "Cannot read missing.ini: there is no such file.\n"],
    [["anacron"], "command-argument value 'anacron' is invalid for argument 'scheduler'."],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await runCommand(["schedule", ...args], {
      cwd: await newFolder(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}`);
  });

  test("a password for the proxy stays out of what others can read", async () => {
    const { code, stdout, stderr } = await runCommand(["schedule", "systemd"], {
      cwd: await newFolder(),
      env: { HTTPS_PROXY: "http://me:secret@proxy.example.com" },
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain("secret");
    expect(stderr).toContain("warning: HTTPS_PROXY holds a password and was left out");
    expect(stderr).toContain("note: There is no sparkpost.ini");
  });

  test("another time zone than the machine's", async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nTimezone = Asia/Tokyo\n");
    const { stderr } = await runCommand(["schedule", "cron"], { cwd, env: { TZ: "UTC" } });
    expect(stderr).toContain(
      "note: It runs at 03:17 of this machine (UTC); the days are those of Asia/Tokyo.\n",
    );
  });
});
