import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { eventList } from "../support/event-list.js";
import { json, page, type Reply, startScriptedServer } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const hour = 3_600_000;
const time = new Date(Date.now() - 3 * hour).toISOString();

const events = [
  ["open", "spring-sale", "ann@example.com"],
  ["open", "spring-sale", "bob@example.com"],
  ["click", "newsletter_weekly", "ann@example.com"],
  ["bounce", "welcome", "carl@example.net"],
].map(([type = "", campaign_id, rcpt_to = ""], index) => ({
  type,
  campaign_id,
  rcpt_to,
  recipient_domain: rcpt_to.slice(rcpt_to.indexOf("@") + 1),
  ...(type === "bounce" ? { bounce_class: "51" } : {}),
  subaccount_id: 101,
  // Of those of the same time, the highest comes first.
  event_id: `${9 - index}`,
  timestamp: time,
}));

async function serve() {
  const sandbox = await startSandbox({ source: eventList(events) });
  onTestFinished(() => sandbox.close());
  return sandbox.origin;
}

async function notesOf(origin: string, args: readonly string[], cwd?: string) {
  const { code, stderr } = await runCommand(["1d", "now", "--host", origin, ...args], {
    cwd: cwd ?? (await newFolder()),
    env,
  });
  const notes = stderr.split("\n").filter((line) => /^note: /.test(line));
  return { code, notes: notes.filter((line) => !/^note: The range ends less/.test(line)) };
}

const none = "matches none of the 4 events of this range.";

describe("where a filter leaves nothing", () => {
  test.each([
    [["--campaigns", "sping"], [`--campaigns sping ${none} Did you mean spring?`]],
    [
      ["--campaigns", "newsleter_wekly"],
      [`--campaigns newsleter_wekly ${none} Did you mean newsletter_weekly?`],
    ],
    [["--campaigns", "sale sprng"], [`--campaigns sale sprng ${none} Did you mean sale spring?`]],
    [["--campaigns", "spr"], [`--campaigns spr ${none} Did you mean spring?`]],
    [
      ["--campaigns", "autumn"],
      [`--campaigns autumn ${none} The newest 4 have: spring-sale, newsletter_weekly, welcome.`],
    ],
    [
      ["--recipient-domains", "exmaple.com"],
      [`--recipient-domains exmaple.com ${none} Did you mean example.com?`],
    ],
    [
      ["--recipients", "ann@exampl.com"],
      [`--recipients ann@exampl.com ${none} Did you mean ann@example.com?`],
    ],
    [["--recipients", "zoe@nowhere.org"], [`--recipients zoe@nowhere.org ${none}`]],
    [
      ["--recipients", "*@example.com"],
      [`--recipients *@example.com ${none} A * stands for itself only.`],
    ],
    [["--bounce-classes", "hard"], [`--bounce-classes 10,30,90 ${none} The newest 4 have: 51.`]],
    [
      ["--recipients", "example.com"],
      [
        `--recipients example.com ${none} An address has an @ in it; other filters search for domains.`,
      ],
    ],
    [["--subaccounts", "102"], [`--subaccounts 102 ${none} The newest 4 have: 101.`]],
    [["--events", "delay"], [`--events delay ${none} The newest 4 have: open, click, bounce.`]],
    [
      ["--events", "open", "--campaigns", "sping", "--subaccounts", "7"],
      [
        `--campaigns sping alone ${none} Did you mean spring?`,
        `--subaccounts 7 alone ${none} The newest 4 have: 101.`,
      ],
    ],
    [
      ["--events", "click", "--campaigns", "spring"],
      [
        "No event matches all of these filters together; alone: --events click (1), --campaigns spring (2).",
      ],
    ],
    [["--templates", "x"], [`--templates x ${none}`]],
    [["--campaigns", "spring"], []],
    [[], []],
  ])("%j: %j", async (filters, expected) => {
    const origin = await serve();
    const good = { code: 0, notes: expected.map((text) => `note: ${text}`) };
    expect(await notesOf(origin, [...filters, "--dry-run"])).toEqual(good);
    expect(await notesOf(origin, [...filters, "-o", "a.csv"])).toEqual(good);
  });

  test.each([
    ["blackfrday-members", "blackfriday-members"],
    ["Black Friday", "blackfriday"],
  ])("what the newest events do not have is found by its words: %s", async (typed, meant) => {
    const newer = Array.from({ length: 1_500 }, (_, index) => ({
      type: "open",
      campaign_id: index % 2 === 0 ? "welcome" : "",
      event_id: `newer-${index}`,
      timestamp: time,
    }));
    const older = { ...newer[0], campaign_id: "blackfriday-members", event_id: "older" };
    const timestamp = new Date(Date.now() - 4 * hour).toISOString();
    const sandbox = await startSandbox({ source: eventList([...newer, { ...older, timestamp }]) });
    onTestFinished(() => sandbox.close());
    const expected = `matches none of the 1,501 events of this range.`;
    expect(await notesOf(sandbox.origin, ["--campaigns", typed, "--dry-run"])).toEqual({
      code: 0,
      notes: [`note: --campaigns ${typed} ${expected} Did you mean ${meant}?`],
    });
    expect(await notesOf(sandbox.origin, ["--campaigns", "autumn", "--dry-run"])).toEqual({
      code: 0,
      notes: [`note: --campaigns autumn ${expected} The newest 1,000 have: welcome.`],
    });
  });

  test("a list too long for one request is not counted alone", async () => {
    const origin = await serve();
    const cwd = await newFolder();
    const many = Array.from({ length: 300 }, (_, index) => `recipient-${index}@example.com`);
    await writeFile(join(cwd, "list.txt"), [...many, "bob@example.com"].join("\n"));
    const { code, notes } = await notesOf(
      origin,
      ["--recipients", "@list.txt", "--campaigns", "newsletter", "--dry-run"],
      cwd,
    );
    expect({ code, note: notes.at(-1) }).toEqual({
      code: 0,
      note: expect.stringMatching(
        /^note: No event matches all of these filters together; alone: --recipients recipient-0@example\.com,.*… \(not counted\), --campaigns newsletter \(1\)\.$/,
      ),
    });
  });

  test("it is named as the ini file names it", async () => {
    const origin = await serve();
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nCampaigns = sping\n");
    expect(await notesOf(origin, ["-o", "-"], cwd)).toEqual({
      code: 0,
      notes: [`note: Campaigns = sping ${none} Did you mean spring?`],
    });
  });

  test("a range without events is said to be so", async () => {
    const sandbox = await startSandbox({ source: eventList([]) });
    onTestFinished(() => sandbox.close());
    expect(await notesOf(sandbox.origin, ["--campaigns", "sping", "-o", "-"])).toEqual({
      code: 0,
      notes: ["note: There are no events at all in this range, with filters or without."],
    });
  });

  test("count says so too", async () => {
    const origin = await serve();
    const { code, stderr } = await runCommand(
      ["count", "1d", "now", "--host", origin, "--campaigns", "sping"],
      { cwd: await newFolder(), env },
    );
    expect(code).toBe(0);
    expect(stderr).toContain(`note: --campaigns sping ${none} Did you mean spring?\n`);
  });
});

describe("asking why", () => {
  const empty = page([], { totalCount: 0 });
  async function dryRun(replies: readonly Reply[], ...more: string[]) {
    const server = await startScriptedServer(replies);
    const filters = ["--campaigns", "sping", "--templates", "welcome"];
    const { code, stderr } = await runCommand(
      ["yesterday", "--host", server.origin, "--dry-run", ...filters, ...more],
      { cwd: await newFolder(), env },
    );
    return { code, stderr, requests: server.requests.map((path) => new URL(path, server.origin)) };
  }

  test("takes one small page, and a count for each of several filters", async () => {
    const { requests } = await dryRun([empty, page([{ type: "open" }]), empty]);
    expect(requests.map(({ searchParams }) => searchParams.get("per_page"))).toEqual([
      "1",
      "1000",
      "1",
      "1",
    ]);
    expect(requests.slice(1).map(({ searchParams }) => [...searchParams.keys()].length)).toEqual([
      4, 5, 5,
    ]);
  });

  test("is left out with --quiet", async () => {
    const { requests, stderr } = await dryRun([empty], "--quiet");
    expect({ requests: requests.length, stderr }).toEqual({ requests: 1, stderr: "" });
  });

  test.each([
    ["is refused", json(403, { errors: [{ message: "No." }] })],
    ["is too much", json(400, { errors: [{ message: "No." }] })],
    ["gets no sense", json(200, { results: 1 })],
  ])("fails no run where it %s", async (_, reply) => {
    const { code, stderr } = await dryRun([empty, reply]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

test("what was asked for, and came in just after, is not taken for something else that was meant", async () => {
  const nothing = page([], { totalCount: 0 });
  const event = { type: "open", campaign_id: "spring", event_id: "1", timestamp: time };
  const { origin } = await startScriptedServer([
    nothing,
    nothing,
    page([event, { ...event, event_id: "2" }]),
  ]);
  const { code, notes } = await notesOf(origin, ["--campaigns", "spring"]);
  expect({ code, notes }).toEqual({
    code: 0,
    notes: [
      "note: --campaigns spring matches none of the 2 events of this range. The newest 2 have: spring.",
    ],
  });
});
