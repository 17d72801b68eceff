import { stat } from "node:fs/promises";
import { isApiKey } from "../../../api/client.js";
import { defaultHost, parseHost } from "../../../api/origin.js";
import { eventProperties, eventTypes } from "../../../catalog/event-catalog.js";
import { exampleIni, withIniValues } from "../../../config/example-ini.js";
import { countOf } from "../../../count.js";
import { defaultProperties } from "../../../csv/default-properties.js";
import { KeyRefusedError, SparkyEventsError, UsageError } from "../../../errors.js";
import { unitLength } from "../../../time/units.js";
import { resolveZone } from "../../../time/zone.js";
import type { Edges } from "../../process/edges.js";
import { hideKey } from "../../settings/hide-key.js";
import { readKeyFile } from "../../settings/key-file.js";
import { probe } from "../../settings/probe.js";
import { proxyOf } from "../../settings/session.js";
import type { InitGiven } from "./command.js";
import { type Prompter, terminalPrompter } from "./prompter.js";
import { writeIniFile } from "./write-ini-file.js";

/** Writes the ini file that a person describes, or the commented example where nobody can be asked. */
export async function runInit(command: InitGiven, edges: Edges): Promise<void> {
  const path = command.config ?? "sparkpost.ini";
  if (!edges.stdin.isTTY || !edges.stdout.isTTY) {
    await writeIniFile(path, exampleIni(), false);
    edges.stdout.write(
      `Wrote ${path}, with comments and without a key. Put your API key into it, then: npx sparky-events check\n`,
    );
    return;
  }
  await interview(path, terminalPrompter(edges), edges);
}

async function interview(path: string, prompter: Prompter, edges: Edges): Promise<void> {
  const replace = await exists(path);
  if (replace && !(await prompter.confirm(`${path} is there already. Replace it?`))) {
    prompter.end(`${path} was left as it is.`);
    return;
  }
  const outside = await keyOutsideIni(edges);
  const { apiKey, host } = await askForAccess(outside, prompter, edges);
  const timezone = await askForZone(prompter);
  const events = await askForEvents(prompter);
  const columns = await askForColumns(prompter);
  const forSpreadsheet = await askForSpreadsheet(prompter);
  const text = withIniValues(exampleIni(), {
    Authorization: apiKey,
    Host: host,
    Timezone: timezone,
    Events: events.join(", "),
    Excel: forSpreadsheet ? "yes" : "no",
    // Blank stands for them, and for what suits another format.
    ...(columns.join() === defaultProperties.join() ? {} : { Properties: columns.join(", ") }),
  });
  edges.signal.throwIfAborted();
  await writeIniFile(path, text, replace);
  const out = forSpreadsheet ? " --out yesterday.xlsx" : "";
  const config = path === "sparkpost.ini" ? "" : ` --config ${path}`;
  prompter.success(
    `Wrote ${path}, for your eyes only. ${apiKey || !outside ? "" : `It holds no key: ${outside.name} is used. `}Your first export:`,
  );
  // A line of its own, which a terminal need not cut.
  prompter.end(`npx sparky-events yesterday${out}${config}`);
}

/** A key that wins over the one in the ini file, and the variable that it comes from. */
interface KeyOutsideIni {
  readonly apiKey: string;
  readonly name: string;
}

async function keyOutsideIni({ env }: Edges): Promise<KeyOutsideIni | undefined> {
  if (env.SPARKPOST_API_KEY) {
    return { apiKey: env.SPARKPOST_API_KEY.trim(), name: "SPARKPOST_API_KEY" };
  }
  const file = await readKeyFile(env);
  return file && { apiKey: file.text.trim(), name: "SPARKPOST_API_KEY_FILE" };
}

interface Access {
  readonly apiKey: string;
  readonly host: string;
}

/** Asks until SparkPost takes the key, or the person keeps it all the same. */
async function askForAccess(
  outside: KeyOutsideIni | undefined,
  prompter: Prompter,
  edges: Edges,
): Promise<Access> {
  for (;;) {
    const access = await askForKeyAndHost(outside, prompter, edges);
    const used = { ...access, apiKey: access.apiKey || (outside?.apiKey ?? "") };
    const problem = await tryAccess(used, prompter, edges);
    if (!problem) {
      return access;
    }
    prompter.warn(problem.hint ? `${problem.message}\n${problem.hint}` : problem.message);
    const next = await prompter.choose("What now?", [
      { value: "again", label: "Enter the key and the region again" },
      {
        value: "keep",
        label: "Go on with what I entered",
        hint:
          problem instanceof KeyRefusedError
            ? "exports will be refused until it is put right"
            : "sparky-events check tries it again later",
      },
    ]);
    if (next === "keep") {
      return access;
    }
  }
}

async function askForKeyAndHost(
  outside: KeyOutsideIni | undefined,
  prompter: Prompter,
  edges: Edges,
): Promise<Access> {
  const apiKey = (
    await prompter.secret(
      outside
        ? `API key (leave it blank to go on using ${outside.name}, which wins over the file)`
        : 'API key, with the grant "Events Search: Read-only"',
      (answer) => objectionToKey(answer.trim(), outside !== undefined),
    )
  ).trim();
  hideKey(apiKey, edges);
  const region = await prompter.choose("Where does your SparkPost account live?", [
    { value: defaultHost, label: "US", hint: defaultHost },
    { value: "api.eu.sparkpost.com", label: "EU", hint: "api.eu.sparkpost.com" },
    { value: "other", label: "Another host", hint: "Enterprise, or a stand-in" },
  ]);
  const host =
    region === "other"
      ? await prompter.text("Host", "", (answer) =>
          answer.trim() === "" ? "Write the host." : objectionFrom(() => parseHost(answer)),
        )
      : region;
  return { apiKey, host: host.trim() };
}

function objectionToKey(answer: string, mayBeBlank: boolean): string | undefined {
  if (answer === "") {
    return mayBeBlank
      ? undefined
      : "Paste the key. You make one in SparkPost under Configuration > API Keys.";
  }
  return isApiKey(answer)
    ? undefined
    : "That does not look like an API key: it has letters and digits only, no quotes, no spaces.";
}

/** @returns what is wrong with the access, if anything */
async function tryAccess(
  { apiKey, host }: Access,
  prompter: Prompter,
  edges: Edges,
): Promise<SparkyEventsError | undefined> {
  const connection = {
    host: parseHost(host),
    apiKey,
    proxy: proxyOf(edges),
    clock: edges.clock,
    signal: edges.signal,
  };
  prompter.step(`Asking ${host}…`);
  const { outcome } = await probe(connection, "events", unitLength.hour);
  if (outcome instanceof SparkyEventsError) {
    return outcome;
  }
  prompter.success(`The key works: ${countOf(outcome, "event")} in the last hour.`);
  return undefined;
}

async function askForZone(prompter: Prompter): Promise<string> {
  const answer = await prompter.text("Time zone that you write times in", machineZone(), (zone) =>
    objectionFrom(() => resolveZone(zone)),
  );
  return resolveZone(answer).name;
}

function machineZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return objectionFrom(() => resolveZone(timeZone)) === undefined
    ? resolveZone(timeZone).name
    : "UTC";
}

/** @returns the event types, none for all of them and those to come */
async function askForEvents(prompter: Prompter): Promise<readonly string[]> {
  const answer = await prompter.choose("Which event types?", [
    { value: "all", label: "All", hint: "those to come too" },
    { value: "some", label: "Some of them" },
  ]);
  if (answer === "all") {
    return [];
  }
  const chosen = await prompter.pick(
    "Event types (Space or Tab chooses)",
    eventTypes.map(({ type, description }) => ({ value: type, label: type, hint: description })),
    [],
  );
  return eventTypes.map(({ type }) => type).filter((type) => chosen.includes(type));
}

/** @returns a list of columns as `Properties` takes it */
async function askForColumns(prompter: Prompter): Promise<readonly string[]> {
  const answer = await prompter.choose("Which columns?", [
    { value: "usual", label: "The usual ones", hint: defaultProperties.join(", ") },
    { value: "all", label: "All", hint: "every documented property" },
    { value: "some", label: "Some of them" },
  ]);
  if (answer !== "some") {
    return answer === "all" ? [...defaultProperties.slice(0, 3), "*"] : defaultProperties;
  }
  const names = [...new Set([...defaultProperties, ...Object.keys(eventProperties)])];
  const chosen = await prompter.pick(
    "Columns, in this order (Space or Tab chooses)",
    names.map((name) => ({
      value: name,
      label: name,
      hint: eventProperties[name]?.description ?? "",
    })),
    defaultProperties,
  );
  return names.filter((name) => chosen.includes(name));
}

/** @returns whether exports are to be opened in a spreadsheet */
async function askForSpreadsheet(prompter: Prompter): Promise<boolean> {
  const purpose = await prompter.choose("What are your exports for?", [
    {
      value: "spreadsheet",
      label: "A spreadsheet",
      hint: "workbooks (.xlsx), and CSV that opens right by double click",
    },
    { value: "programs", label: "Programs", hint: "plain CSV, as RFC 4180 has it" },
  ]);
  return purpose === "spreadsheet";
}

function objectionFrom(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) {
      return error.hint ? `${error.message} ${error.hint}` : error.message;
    }
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
