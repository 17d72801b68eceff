import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";
import { json, page, startScriptedServer, text } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** The lines' marks and names, by which a check is told from the others. */
function marks(stdout: string): string[] {
  return stdout
    .split("\n")
    .filter((line) => /^\S/.test(line))
    .map((line) => line.replace(/^(\S) (.+?) {2,}.*$/, "$1 $2"));
}

function lineOf(name: string, stdout: string): string {
  return stdout.split("\n").find((line) => line.slice(2).startsWith(`${name} `)) ?? "";
}

async function check(env: Readonly<Record<string, string>>, ...args: string[]) {
  return runCommand(["check", ...args], { cwd: await newFolder(), env });
}

const names = [
  "Settings",
  "Time zone",
  "API key",
  "Proxy",
  "Host",
  "TLS",
  "Clock",
  "Key accepted",
  "Grant",
  "Events",
];

/** All well up to the one that fails, and nothing tried after it. */
function failingAt(name: string): string[] {
  const index = names.indexOf(name);
  return names.map((other, i) => `${i < index ? "✔" : i === index ? "✖" : "-"} ${other}`);
}

test("all is well", async () => {
  const { origin, source, now } = await startTestSandbox(3000);
  const cwd = await newFolder();
  const ini = `[SparkPost]\nAuthorization = ${key}\nHost = ${origin}\nTimezone = Asia/Kolkata\nEvents =\n`;
  await writeFile(join(cwd, "sparkpost.ini"), ini, { mode: 0o600 });
  const { code, stdout, stderr } = await runCommand(["check"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(marks(stdout)).toEqual(names.map((name) => `✔ ${name}`));
  expect(stdout).not.toContain(key);
  expect(lineOf("Settings", stdout)).toContain(
    `${join(cwd, "sparkpost.ini")} (Authorization, Host, Timezone)`,
  );
  expect(lineOf("API key", stdout)).toMatch(/ …4567, from sparkpost\.ini$/);
  expect(lineOf("Time zone", stdout)).toMatch(
    / Asia\/Kolkata, where it is \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(UTC\+05:30\)$/,
  );
  expect(lineOf("Proxy", stdout)).toMatch(/ none$/);
  expect(lineOf("Host", stdout)).toContain(`${new URL(origin).host} answers`);
  const [, events = ""] =
    / ([\d,]+) events in the last 24 hours$/.exec(lineOf("Events", stdout)) ?? [];
  let expected = 0;
  for (let index = 0; index < source.length; index++) {
    expected += source.timestampOf(index) >= now - 86_400_000 ? 1 : 0;
  }
  // The test takes a few seconds, in which a few events grow older than a day.
  expect(Math.abs(Number(events.replaceAll(",", "")) - expected)).toBeLessThan(5);
});

test("options win over the ini file, and are named", async () => {
  const { origin } = await startTestSandbox(10);
  const cwd = await newFolder();
  await writeFile(
    join(cwd, "my.ini"),
    "[SparkPost]\nAuthorization = wrong\nTimezone = UTC\nHots = a",
  );
  const { code, stdout } = await runCommand(
    [
      "check",
      "-c",
      "my.ini",
      "--host",
      origin,
      "-z",
      "Europe/Berlin",
      "--api",
      "message-events",
      "--timeout",
      "5s",
    ],
    { cwd, env: { SPARKPOST_API_KEY: key } },
  );
  expect(code).toBe(0);
  expect(lineOf("Settings", stdout)).toContain(
    "the command line (--timezone, --host, --api, --timeout)",
  );
  expect(stdout).toContain("chmod 600 my.ini");
  expect(stdout).toContain("there is no setting Hots; it is ignored. Did you mean Host?");
  expect(marks(stdout)[0]).toBe("! Settings");
  expect(lineOf("Time zone", stdout)).toContain("Europe/Berlin");
  expect(lineOf("API key", stdout)).toContain(
    "…4567, from the environment variable SPARKPOST_API_KEY, which wins over the ini file",
  );
});

describe("what fails, and the exit code", () => {
  test("2: no key", async () => {
    const { code, stdout } = await check({});
    expect({ code, marks: marks(stdout) }).toEqual({ code: 2, marks: failingAt("API key") });
    expect(stdout).toContain("npx sparky-events init");
  });

  test("2: a setting", async () => {
    const { code, stdout, stderr } = await check({ SPARKPOST_API_KEY: key }, "-z", "Berlin");
    expect({ code, marks: marks(stdout) }).toEqual({ code: 2, marks: failingAt("Settings") });
    expect(stdout).toContain("Did you mean Europe/Berlin?");
    expect(stderr).toBe("error: A check failed; see ✖ above.\n");
  });

  test("2: the address of the proxy", async () => {
    const { code, stdout } = await check({ SPARKPOST_API_KEY: key, HTTPS_PROXY: "nonsense" });
    expect({ code, marks: marks(stdout) }).toEqual({ code: 2, marks: failingAt("Proxy") });
  });

  test("2: not an API host", async () => {
    const { origin } = await startScriptedServer([text(404, "<h1>Not found</h1>")]);
    const { code, stdout } = await check({ SPARKPOST_API_KEY: key }, "--host", origin);
    expect({ code, marks: marks(stdout) }).toEqual({ code: 2, marks: failingAt("Host") });
  });

  test.each([
    ["unauthorized", "Key accepted", "Check that the key is complete"],
    ["forbidden", "Grant", 'The key needs the grant "Events Search: Read-only".'],
  ])("3: the key is %s", async (apiKey, name, remedy) => {
    const { origin } = await startTestSandbox(10);
    const { code, stdout } = await check({ SPARKPOST_API_KEY: apiKey }, "--host", origin);
    expect({ code, marks: marks(stdout) }).toEqual({ code: 3, marks: failingAt(name) });
    expect(stdout).toContain(remedy);
  });

  test("4: not reached, and said within seconds", async () => {
    const server = await startScriptedServer([page([])]);
    server.close();
    const started = Date.now();
    const { code, stdout } = await check({ SPARKPOST_API_KEY: key }, "--host", server.origin);
    expect({ code, marks: marks(stdout) }).toEqual({ code: 4, marks: failingAt("Host") });
    expect(lineOf("Host", stdout)).toContain("the connection was refused");
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test("4: SparkPost keeps failing", async () => {
    const { origin } = await startScriptedServer([json(503, {})]);
    const { code, stdout } = await check({ SPARKPOST_API_KEY: key }, "--host", origin);
    expect({ code, marks: marks(stdout) }).toEqual({ code: 4, marks: failingAt("Host") });
    expect(stdout).toContain("status 503");
  });
});

test("a clock that is wrong", async () => {
  const date = new Date(Date.now() + 90_000).toUTCString();
  const { origin } = await startScriptedServer([
    json(200, { results: [], total_count: 0, links: {} }, { date }),
  ]);
  const { code, stdout } = await check({ SPARKPOST_API_KEY: key }, "--host", origin);
  expect(code).toBe(0);
  expect(marks(stdout)[names.indexOf("Clock")]).toBe("! Clock");
  expect(lineOf("Clock", stdout)).toMatch(/ 1 min (28|29|30|31) s behind the server$/);
  expect(stdout).toContain("Set this machine's clock");
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test.skipIf(!hasOpenssl)("TLS, with a proxy and without", async () => {
  const cwd = await newFolder();
  const host = "api.example.test";
  execFileSync(
    "openssl",
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout key.pem -out cert.pem -subj /CN=${host} -addext subjectAltName=DNS:${host},DNS:localhost`.split(
      " ",
    ),
    { cwd, stdio: "ignore" },
  );
  const file = (name: string) => readFileSync(join(cwd, name));
  const server = createTlsServer({ key: file("key.pem"), cert: file("cert.pem") }, (_, response) =>
    response.end('{"results":[],"total_count":1234,"links":{}}'),
  );
  const proxy = createServer().on("connect", (_, client) => {
    const upstream = connect((server.address() as AddressInfo).port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  for (const each of [server, proxy]) {
    each.listen(0, "127.0.0.1");
    await once(each, "listening");
    onTestFinished(() => {
      each.closeAllConnections();
      each.close();
    });
  }
  const proxyHost = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { SPARKPOST_API_KEY: key, HTTPS_PROXY: `http://user:secret@${proxyHost}` };
  const trusted = await runCommand(["check", "--host", host], {
    cwd,
    env: { ...env, NODE_EXTRA_CA_CERTS: join(cwd, "cert.pem") },
  });
  expect(trusted).toMatchObject({ code: 0, stderr: "" });
  expect(trusted.stdout).not.toContain("secret");
  expect(lineOf("Proxy", trusted.stdout)).toMatch(` http://${proxyHost}, from HTTPS_PROXY`);
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  expect(lineOf("TLS", trusted.stdout)).toMatch(` TLSv1.3, certificate valid until ${until}`);
  expect(lineOf("Events", trusted.stdout)).toContain(" 1,234 events in the last 24 hours");

  const { port } = server.address() as AddressInfo;
  const direct = await runCommand(["check", "--host", `https://localhost:${port}`], {
    cwd,
    env: { SPARKPOST_API_KEY: key, NODE_EXTRA_CA_CERTS: join(cwd, "cert.pem") },
  });
  expect(direct).toMatchObject({ code: 0, stderr: "" });
  expect(lineOf("TLS", direct.stdout)).toMatch(` TLSv1.3, certificate valid until ${until}`);

  const untrusted = await runCommand(["check", "--host", host], { cwd, env });
  expect(untrusted.code).toBe(4);
  expect(untrusted.stdout).toContain("NODE_EXTRA_CA_CERTS");
});
