import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { newFolder, type RunningCommand, runCommand, startCommand } from "../support/command.js";

const eventsPath = "/api/v1/events/message";

interface ServeOptions {
  readonly options?: Record<string, string>;
  readonly events?: number;
  readonly searchTime?: number;
  readonly format?: "text" | "json";
}

async function newKey(cwd: string): Promise<string> {
  return (await runCommand(["access", "add", "nightly"], { cwd })).stdout.trim();
}

/** The command on made-up events, once it has told its address. */
async function startServing(cwd: string, { options, ...rest }: ServeOptions = {}) {
  const serve = {
    events: 2_000,
    searchTime: 0,
    format: "text",
    ...rest,
    options: { listen: "127.0.0.1:0", ...options },
  };
  const command = startCommand([], {
    cwd,
    launcher: "serving",
    env: { SERVE: JSON.stringify(serve) },
  });
  onTestFinished(() => void command.process.kill("SIGKILL"));
  return { ...command, url: await addressOf(command) };
}

async function addressOf({ process: child, finished }: RunningCommand): Promise<string> {
  let text = "";
  const told = new Promise<string>((resolve) => {
    child.stderr?.on("data", (data: string) => {
      text += data;
      const [url] = /https?:\/\/[\d.]+:\d+/.exec(text) ?? [];
      if (url) {
        resolve(url);
      }
    });
  });
  const ended = finished.then(({ stderr }) => {
    throw new Error(`It ended: ${stderr}`);
  });
  return await Promise.race([told, ended]);
}

test("tells programs where it is, first of all, and of each request a line", async () => {
  const cwd = await newFolder();
  const key = await newKey(cwd);
  const serving = await startServing(cwd, { format: "json" });
  const get = async (target: string, authorization = key) =>
    await (await fetch(serving.url + target, { headers: { authorization } })).text();
  const { results } = JSON.parse(await get(`${eventsPath}?per_page=3`));
  const address = String(results[0].rcpt_to);
  expect(address).toContain("@");
  await get(`${eventsPath}?recipients=${encodeURIComponent(address)}`);
  await get(`/${encodeURIComponent(address)}`);
  await get(eventsPath, "0".repeat(40));
  await get("/healthz", "");
  serving.process.kill("SIGTERM");
  const { code, stdout, stderr } = await serving.finished;
  expect({ code, stdout }).toEqual({ code: 0, stdout: "store closed\n" });

  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    event: "listening",
    url: serving.url,
    store: "made-up.duckdb",
    keys: 1,
  });
  const requests = lines.filter(({ event }) => event === "request");
  const of = ({ route, status, events, key: name }: Record<string, unknown>) => [
    route,
    status,
    events,
    name,
  ];
  expect(requests.map(of)).toEqual([
    [eventsPath, 200, 3, "nightly"],
    [eventsPath, 200, expect.any(Number), "nightly"],
    [null, 404, null, null],
    [eventsPath, 401, null, null],
    ["/healthz", 200, null, null],
  ]);
  expect(lines.at(-1).event).toBe("stopped");
  for (const secret of [key, address, encodeURIComponent(address), "per_page", "0".repeat(40)]) {
    expect(stderr).not.toContain(secret);
  }
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets an answer come to its end, and then closes the store",
  async (signal) => {
    const cwd = await newFolder();
    const key = await newKey(cwd);
    const serving = await startServing(cwd, { searchTime: 1_000 });
    const answer = fetch(`${serving.url}${eventsPath}`, { headers: { authorization: key } });
    // The second is refused before the first, which shows that the first has been taken in.
    expect((await fetch(`${serving.url}${eventsPath}`)).status).toBe(401);
    serving.process.kill(signal);
    const response = await answer;
    expect(response.status).toBe(200);
    expect((await response.json()) as object).toHaveProperty("total_count");
    const { code, stdout, stderr } = await serving.finished;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "store closed\n" });
    expect(stderr).toMatch(/ Ending what is running\.\n.* 200, .*\n.* Stopped\.\n$/);
  },
);

describe("serve is refused", () => {
  test.each<[string[], string]>([
    [["--listen", "0.0.0.0:8026"], "there is no TLS"],
    [["--listen", "[::]:8026"], "there is no TLS"],
    [["--listen", "192.0.2.1:8026"], "--behind-proxy"],
    [["--listen", "8026"], "is not an address to listen on"],
    [["--listen", "example.com:80"], "is not an address to listen on"],
    [["--listen", "127.0.0.1:65536"], "is not an address to listen on"],
    [["--tls-cert", "a.pem"], "--tls-cert needs --tls-key"],
    [["--tls-key", "a.pem"], "--tls-key needs --tls-cert"],
    [["--most-per-page", "10001"], "not a number from 1 to 10000"],
    [["--searches", "0"], "not a number from 1 to 100"],
    [["--query-time", "30"], "has no unit"],
    [["--store", "postgres://me:secret@localhost/mail", "--access", "keys"], "command line"],
    [["--store", "postgres://localhost/mail"], "Name one: --access FILE"],
    [[], "There is no access file events.duckdb.access"],
    [["--log-format", "xml"], "xml"],
  ])("%j", async (args, reason) => {
    const cwd = await newFolder();
    const { code, stdout, stderr } = await runCommand(["serve", ...args], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(reason);
    expect(stderr).not.toMatch(/secret| {4}at /);
  });

  test("where there is no store", async () => {
    const cwd = await newFolder();
    await newKey(cwd);
    const { code, stderr } = await runCommand(["serve", "--log-format", "json"], { cwd });
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      event: "failed",
      message: "There is no store events.duckdb.",
      exitCode: 2,
    });
  });

  test("where something else has the port", async () => {
    const cwd = await newFolder();
    await newKey(cwd);
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const serving = startServing(cwd, { options: { listen: `127.0.0.1:${port}` } });
    await expect(serving).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: it is in use`);
  });

  test("by what is wrong in sparkpost.ini", async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nListen = everywhere\n");
    const { code, stderr } = await runCommand(["serve"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('sparkpost.ini, line 2: Listen: "everywhere" is not an address');
  });
});

test("an address that others can reach is fine behind a proxy", async () => {
  const cwd = await newFolder();
  await newKey(cwd);
  const options = { listen: "0.0.0.0:0", "behind-proxy": "yes" };
  const serving = await startServing(cwd, { options });
  expect((await fetch(`${serving.url}/healthz`)).status).toBe(200);
  serving.process.kill("SIGINT");
  expect((await serving.finished).code).toBe(0);
});
