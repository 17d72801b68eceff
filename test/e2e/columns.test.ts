import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { eventProperties } from "../../src/catalog/event-catalog.js";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";
import { json, page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** Clocks go back, long ago. */
const range = ["2025-10-25", "2025-10-26", "--retention", "unlimited"];

const events = [
  {
    type: "open",
    timestamp: "2025-10-26T01:00:00.000Z",
    injection_time: "2025-10-26T00:59:59.999Z",
    scheduled_time: "1588348800",
    user_agent: "=HYPERLINK(A1;B1)",
    subject: "-5",
    rcpt_meta: { order: { id: 7, "a.b": "x" }, time: "2025-10-26T01:00:00.000Z" },
    rcpt_tags: ["vip", "＝1"],
    customer_id: -1,
  },
  { type: "click", timestamp: "2025-10-25T23:00:00.000Z", subject: "Füße; a,\nb" },
];

/** Exports the events above. The ini file has the address, the key and these lines. */
async function exportEvents(ini: string, ...args: string[]) {
  const { origin } = await startScriptedServer([page(events)]);
  const cwd = await newFolder();
  await writeFile(
    join(cwd, "sparkpost.ini"),
    `[SparkPost]\nAuthorization = ${key}\nHost = ${origin}\n${ini}\n`,
    { mode: 0o600 },
  );
  const { code, stderr } = await runCommand(
    [...range, "-o", "a.csv", "--concurrency", "1", ...args],
    { cwd },
  );
  const csv = code === 0 ? await readFile(join(cwd, "a.csv"), "utf8") : "";
  return { code, stderr, csv };
}

async function csvOf(ini: string, ...args: string[]): Promise<string> {
  const { code, csv, stderr } = await exportEvents(ini, ...args);
  expect(stderr).not.toContain("error:");
  expect(code).toBe(0);
  return csv;
}

describe("columns", () => {
  const list =
    'type, rcpt_meta.order.id AS order,\n  rcpt_meta.order."a.b", rcpt_tags.0, rcpt_meta.no.such, timestamp AS "sent, in UTC"';
  const expected =
    'type,order,rcpt_meta.order.a.b,rcpt_tags.0,rcpt_meta.no.such,"sent, in UTC"\n' +
    "open,7,x,vip,,2025-10-26T01:00:00.000Z\n" +
    "click,,,,,2025-10-25T23:00:00.000Z\n";

  test("may be paths and have names of their own, from the ini file and the command line", async () => {
    expect(await csvOf(`Properties = ${list}`)).toBe(expected);
    expect(await csvOf("Properties = subject", "--properties", list)).toBe(expected);
  });

  test("may be all but some", async () => {
    const [header, record] = parse(await csvOf("", "-p", "*, -rcpt_meta, -type")) as string[][];
    expect(header).toEqual(
      Object.keys(eventProperties).filter((name) => name !== "rcpt_meta" && name !== "type"),
    );
    expect(record?.[header?.indexOf("customer_id") ?? 0]).toBe("-1");
  });

  test("that nobody documents are there, with a warning; and so are event types", async () => {
    const { origin, requests } = await startScriptedServer([page(events)]);
    const cwd = await newFolder();
    const { code, stdout, stderr } = await runCommand(
      [...range, "-o", "-", "-p", "type,campain_id", "-e", "open,clik", "--host", origin],
      { cwd, env: { SPARKPOST_API_KEY: key } },
    );
    expect(code).toBe(0);
    expect(stderr).toContain("warning: --properties: campain_id: did you mean campaign_id?\n");
    expect(stderr).toContain("warning: --events: clik: did you mean click? ");
    expect(stdout).toBe("type,campain_id\nopen,\nclick,\n");
    expect(requests[0]).toContain("events=open,clik");
  });

  test("that make no sense are an error that says where", async () => {
    const { code, stderr } = await exportEvents("Properties = type, rcpt_meta..id");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "error: sparkpost.ini, line 4: Properties: column 2, rcpt_meta..id: a name is missing beside the dot.\n" +
        "Write a property, such as subject, or a path, such as rcpt_meta.order.id.\n",
    );
  });
});

describe("times", () => {
  const properties =
    "Timezone = Europe/Berlin\nProperties = timestamp, injection_time, scheduled_time, rcpt_meta.time";
  const raw = "2025-10-26T01:00:00.000Z";

  test.each<[format: string, first: string, second: string]>([
    [
      "iso",
      `2025-10-26T02:00:00.000+01:00,2025-10-26T02:59:59.999+02:00,2020-05-01T18:00:00.000+02:00,${raw}`,
      "2025-10-26T01:00:00.000+02:00,,,",
    ],
    [
      "spreadsheet",
      `2025-10-26 02:00:00,2025-10-26 02:59:59,2020-05-01 18:00:00,${raw}`,
      "2025-10-26 01:00:00,,,",
    ],
    ["epoch", `1761440400.000,1761440399.999,1588348800.000,${raw}`, "1761433200.000,,,"],
    ["raw", `${raw},2025-10-26T00:59:59.999Z,1588348800,${raw}`, "2025-10-25T23:00:00.000Z,,,"],
  ])("in the format %s, in the zone", async (format, first, second) => {
    const records = [first, second, ""].join("\n");
    const withIni = await csvOf(`${properties}\nTimestampFormat = ${format}`);
    expect(withIni.slice(withIni.indexOf("\n") + 1)).toBe(records);
    const withOption = await csvOf(properties, "--timestamp-format", format);
    expect(withOption).toBe(withIni);
    if (format === "iso") {
      expect(await csvOf(properties)).toBe(withIni);
    }
  });
});

describe("for a spreadsheet", () => {
  const properties = "Timezone = Europe/Berlin\nProperties = timestamp, subject, customer_id";

  test("--excel writes a mark, CRLF, quoted text and local times that are dates to it", async () => {
    const expected =
      '\ufeff"timestamp","subject","customer_id"\r\n' +
      '2025-10-26 02:00:00,"\'-5",-1\r\n' +
      '2025-10-26 01:00:00,"Füße; a,\nb",\r\n';
    expect(await csvOf(properties, "--excel")).toBe(expected);
    expect(await csvOf(`${properties}\nExcel = yes`)).toBe(expected);
  });

  test("what is said explicitly wins over --excel, and the command line over the ini file", async () => {
    expect(await csvOf(properties, "--excel", "--timestamp-format", "epoch")).toBe(
      '\ufeff"timestamp","subject","customer_id"\r\n1761440400.000,"\'-5",-1\r\n1761433200.000,"Füße; a,\nb",\r\n',
    );
    expect(await csvOf(`${properties}\nExcel = yes`, "--no-excel")).toBe(await csvOf(properties));
  });

  test.each([
    [";", ";", '"Füße; a,\nb"'],
    ["tab", "\t", '"Füße; a,\nb"'],
  ])("--csv-delimiter %s separates the fields", async (name, delimiter, subject) => {
    const expected = [
      ["timestamp", "subject", "customer_id"],
      ["2025-10-26T02:00:00.000+01:00", "'-5", "-1"],
      ["2025-10-26T01:00:00.000+02:00", subject, ""],
    ];
    const csv = expected.map((record) => `${record.join(delimiter)}\n`).join("");
    expect(await csvOf(properties, "--csv-delimiter", name)).toBe(csv);
    expect(await csvOf(`${properties}\nCsvDelimiter = ${name}`)).toBe(csv);
  });

  test("text like a formula has an apostrophe in front, unless that is not wanted", async () => {
    const ini = "Properties = user_agent, subject, customer_id, rcpt_tags.1, rcpt_tags";
    const rest = '\n,"Füße; a,\nb",,,\n';
    const header = "user_agent,subject,customer_id,rcpt_tags.1,rcpt_tags\n";
    const tags = (before = "") => `"[""vip"",""${before}＝1""]"`;
    expect(await csvOf(ini)).toBe(`${header}'=HYPERLINK(A1;B1),'-5,-1,'＝1,${tags("'")}${rest}`);
    const exact = `${header}=HYPERLINK(A1;B1),-5,-1,＝1,${tags()}${rest}`;
    expect(await csvOf(ini, "--no-escape-formulas")).toBe(exact);
    expect(await csvOf(`${ini}\nEscapeFormulas = no`)).toBe(exact);
    expect(await csvOf(`${ini}\nEscapeFormulas = no`, "--escape-formulas")).toBe(await csvOf(ini));
  });

  test("all columns with --excel have the cells of the plain export", async () => {
    const { origin } = await startTestSandbox(3_000);
    const cwd = await newFolder();
    const run = async (name: string, ...args: string[]) => {
      const { code } = await runCommand(
        ["9d", "2d", "-p", "*", "--host", origin, "-o", name, ...args],
        { cwd, env: { SPARKPOST_API_KEY: key } },
      );
      expect(code).toBe(0);
      return readFile(join(cwd, name), "utf8");
    };
    const [plain, excel] = await Promise.all([
      run("plain.csv"),
      run("excel.csv", "--excel", "--timestamp-format", "iso"),
    ]);
    const options = { bom: true, relax_column_count: false };
    expect(parse(excel, { ...options, record_delimiter: "\r\n" })).toEqual(
      parse(plain, { ...options, record_delimiter: "\n" }),
    );
  });
});

test("an interrupted export does not go on in another format", async () => {
  const { origin } = await startScriptedServer([
    page(events, { totalCount: 4, next: "/next" }),
    json(400, { errors: [{ message: "no more" }] }),
  ]);
  const cwd = await newFolder();
  const run = (...args: string[]) =>
    runCommand([...range, "-o", "a.csv", "--concurrency", "1", "--host", origin, ...args], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
    });
  await run();
  expect((await run("--resume", "--excel")).stderr).toContain(
    "holds an interrupted export of something else: the format of the CSV, the rows per file differ.",
  );
  expect((await run("--resume", "-p", "type AS kind")).stderr).toContain("the columns differs.");
});
