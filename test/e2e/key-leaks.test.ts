import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { json, page, type Reply, startScriptedServer, text } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef0123456f";
const events = [{ type: "click", event_id: "1" }];

async function run(replies: readonly Reply[], command: readonly string[] = [day, "-o", "a.csv"]) {
  const server = await startScriptedServer(replies);
  const cwd = await newFolder();
  const result = await runCommand(
    [...command, "--host", server.origin, ...(command[0] === day ? ["--concurrency", "1"] : [])],
    { cwd, env: { SPARKPOST_API_KEY: key }, launcher: "fast" },
  );
  return { ...result, cwd, server };
}

/** Nothing that was shown or kept has so much as eight characters of the key's beginning or end. */
async function expectNoLeak({
  stdout,
  stderr,
  cwd,
}: Pick<Awaited<ReturnType<typeof run>>, "stdout" | "stderr" | "cwd">) {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")),
  );
  for (const shown of [stdout, stderr, ...files]) {
    expect(shown.replaceAll(/\s/g, "")).not.toMatch(/01234567|3456[f]/);
  }
}

describe("an error of a server that repeats the key", () => {
  const places = [0, 200, 255, 261, 270, 290, 299, 300, 9_960, 9_990];
  test.each(places)("after %i characters", async (before) => {
    const words = `${"x".repeat(before)}${key} and ${key.slice(0, 12)}, ${key.slice(-9)}`;
    for (const reply of [text(400, words), json(400, { errors: [{ message: words }] })]) {
      const result = await run([reply]);
      expect(result.code).toBe(2);
      await expectNoLeak(result);
    }
  });

  test.each([
    ["percent-encoded", [...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")],
    ["in base64", Buffer.from(`me:${key}`).toString("base64")],
    ["in upper case", key.toUpperCase()],
  ])("%s", async (_, spelling) => {
    const result = await run([text(400, `no: ${spelling}.`)]);
    expect(result.stderr).toContain("[API key]");
    expect(result.stderr).not.toContain(spelling.slice(6, -6));
    await expectNoLeak(result);
  });

  test("while it is asked again, with --verbose", async () => {
    const result = await run(
      [text(503, `wait ${key.slice(0, 39)}`), page(events)],
      [day, "-o", "a.csv", "-v"],
    );
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining("wait [API key]") });
    await expectNoLeak(result);
  });
});

describe("a link that holds the key is not followed, shown or kept", () => {
  const link = (held: string) => `/api/v1/events/message?cursor=2&key=${held}`;
  test.each([
    ["as it is", link(key)],
    ["in part", link(key.slice(0, 39))],
    ["percent-encoded", link([...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""))],
    ["in base64", link(Buffer.from(key).toString("base64"))],
    ["in the path", `/api/v1/${key}/message?cursor=2`],
    ["in the name of another host", `https://${key}.example.com/`],
  ])("%s", async (_, next) => {
    const paged = await run([page(events, { totalCount: 2, next })], [day, "-o", "a.csv", "-v"]);
    const redirected = await run([text(302, "", { location: next })]);
    for (const result of [paged, redirected]) {
      expect(result).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(
          /^error: A (next link|redirect) of http:\/\/127\.0\.0\.1:\d+ holds the API key; it is not followed\.$/m,
        ),
      });
      expect(result.server.requests).toHaveLength(1);
      await expectNoLeak(result);
    }
  });
});

describe("what a server documents", () => {
  const entry = {
    type: { description: `type ${key}`, sampleValue: `t-${key}` },
    [`p-${key}`]: { description: `d ${key}`, sampleValue: { [key]: [key.slice(0, 20)] } },
    event_description: { description: "", sampleValue: `${"long words ".repeat(12)}${key}` },
  };
  test.each(
    ["types", "properties"].flatMap((command) =>
      ["table", "csv", "json"].map((format) => [command, format] as const),
    ),
  )("is shown by %s --live as %s without the key", async (command, format) => {
    const result = await run(
      [json(200, { results: [entry] })],
      [command, "--live", "--format", format],
    );
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining("[API key]") });
    await expectNoLeak(result);
  });
});

test("the summary does not show a type that holds the key", async () => {
  const result = await run([page([{ type: `x${key}`, event_id: "1" }])], [day, "-p", "event_id"]);
  expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining("x[API key]") });
  await expectNoLeak(result);
});

describe("a relative next link is resolved as RFC 3986 has it", () => {
  const path = "/api/v1/events/message";
  test.each([
    ["?cursor=2", `${path}?cursor=2`],
    ["message?cursor=2", `${path}?cursor=2`],
    ["../events/./message?cursor=2", `${path}?cursor=2`],
    ["more/2?cursor=2", "/api/v1/events/more/2?cursor=2"],
    ["/elsewhere?cursor=2", "/elsewhere?cursor=2"],
  ])("%s", async (next, asked) => {
    const { code, server } = await run([page(events, { totalCount: 2, next }), page(events)]);
    expect(code).toBe(0);
    expect(server.requests[1]).toBe(asked);
  });

  test("from where a redirect led", async () => {
    const { code, server } = await run([
      text(307, "", { location: "/moved/here?cursor=initial" }),
      page(events, { totalCount: 2, next: "?cursor=2" }),
      page(events),
    ]);
    expect(code).toBe(0);
    expect(server.requests.slice(1)).toEqual([
      "/moved/here?cursor=initial",
      "/moved/here?cursor=2",
    ]);
  });

  test.each(["//other.example.com/?cursor=2", "https://127.0.0.1/?cursor=2", "ftp:2"])(
    "but never to another origin: %s",
    async (next) => {
      const { code, stderr, server } = await run([page(events, { totalCount: 2, next })]);
      expect({ code, stderr }).toEqual({
        code: 4,
        stderr: expect.stringMatching(/the API key is not sent there/),
      });
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe("a key that was typed where it does not belong", () => {
  test.each([
    [["yesterday", key]],
    [[key]],
    [["yesterday", `--format=${key}`]],
    [["yesterday", "--log-format", key]],
    [["yesterday", "--log-format=json", "--timezone", key]],
    [["types", "--format", key]],
    [["count", "yesterday", `--foo=${key}`]],
  ])("%j", async (command) => {
    const cwd = await newFolder();
    const result = await runCommand(command, { cwd, env: { SPARKPOST_API_KEY: key } });
    expect(result.code).toBe(2);
    await expectNoLeak({ ...result, cwd });
  });
});
