import { resolve } from "node:path";
import type { Zone } from "luxon";
import { parseProxy } from "../../../api/proxy-address.js";
import type { WireFacts } from "../../../api/wire.js";
import { holdsApiKey, resolveApiKey } from "../../../config/api-key.js";
import { settingNames } from "../../../config/setting-names.js";
import { countOf } from "../../../count.js";
import { KeyRefusedError, SparkyEventsError, UsageError } from "../../../errors.js";
import { formatDuration } from "../../../time/duration.js";
import { toLocalSecond } from "../../../time/iso.js";
import { unitLength } from "../../../time/units.js";
import type { Edges } from "../../process/edges.js";
import { type Probe, probe } from "../../settings/probe.js";
import { connect, openSession, proxyOf, type Session } from "../../settings/session.js";
import { CheckList } from "./check-list.js";
import type { CheckGiven } from "./command.js";

const checks = [
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
] as const;

/**
 * Goes through everything that an export needs, a line each.
 *
 * @throws FailedCheckError where something is missing
 */
export async function runCheck(command: CheckGiven, edges: Edges): Promise<void> {
  const list = new CheckList(checks, edges);
  try {
    const session = await openSession(command, edges);
    checkSettings(session, command, list);
    const { zone, origin, api } = session.settings;
    list.good("Time zone", `${zone.name}, where it is ${localTime(edges.clock.now(), zone)}`);
    const connection = connect(session, edges);
    list.good("API key", describeKey(session));
    const probed = await probe({ ...connection, host: origin }, api, unitLength.day);
    checkWire(probed, origin, edges, list);
    checkSearch(probed, list);
  } catch (error) {
    if (!(error instanceof SparkyEventsError) || edges.signal.aborted) {
      throw error;
    }
    list.bad(error);
  }
  list.finish();
}

function checkSettings({ sources, warnings }: Session, command: CheckGiven, list: CheckList) {
  const { ini } = sources;
  const given = settingNames
    .filter(({ option }) => option !== undefined && command.settings[option] !== undefined)
    .map(({ option }) => `--${option}`);
  const keys =
    ini?.entries
      .filter(({ section, value }) => section === "SparkPost" && value !== "")
      .map(({ key }) => key) ?? [];
  const from = [
    ini ? `${resolve(ini.name)} (${keys.join(", ") || "nothing set"})` : "no ini file",
    ...(given.length > 0 ? [`the command line (${given.join(", ")})`] : []),
  ];
  list.good("Settings", from.join(", "), warnings);
}

function describeKey({ sources }: Session): string {
  const apiKey = resolveApiKey(sources);
  const overridden = sources.ini && holdsApiKey(sources.ini.entries);
  const outside = sources.apiKey
    ? "the environment variable SPARKPOST_API_KEY"
    : sources.keyFile && `the file ${sources.keyFile.name} (SPARKPOST_API_KEY_FILE)`;
  const from = outside
    ? `${outside}${overridden ? ", which wins over the ini file" : ""}`
    : sources.ini?.name;
  // The last four characters of a short one would be most of it.
  const shown = apiKey.length >= 16 ? `…${apiKey.slice(-4)}` : `${apiKey.length} characters`;
  return `${shown}, from ${from}`;
}

function localTime(instant: number, zone: Zone): string {
  return `${toLocalSecond(instant, zone).replace("T", " ")} (UTC${zone.formatOffset(instant, "short")})`;
}

function checkWire({ facts, outcome }: Probe, origin: string, edges: Edges, list: CheckList) {
  const { host, protocol } = new URL(origin);
  if (outcome instanceof UsageError) {
    throw outcome;
  }
  list.good("Proxy", describeProxy(facts, edges));
  if (outcome instanceof SparkyEventsError && !(outcome instanceof KeyRefusedError)) {
    throw outcome;
  }
  list.good("Host", `${host} answers`);
  if (facts.tls) {
    const { protocol: version, validUntil } = facts.tls;
    const until = new Date(validUntil).toISOString().slice(0, 10);
    list.good("TLS", `${version}, certificate valid until ${until}`);
  } else {
    list.good("TLS", protocol === "http:" ? "not used: the host is this machine" : "in use");
  }
  checkClock(facts, list);
}

function describeProxy({ contacted }: WireFacts, { env }: Edges): string {
  const { httpsProxy, noProxy } = proxyOf({ env });
  if (!httpsProxy) {
    return "none";
  }
  // Shown without the user and the password that it may hold.
  const { origin } = parseProxy(httpsProxy);
  return contacted.has(new URL(origin).host)
    ? `${origin}, from HTTPS_PROXY`
    : `none for this host${noProxy ? `; NO_PROXY is ${noProxy}` : ""}`;
}

const largestClockDifference = 10_000;

function checkClock({ answer }: WireFacts, list: CheckList) {
  if (answer?.date === undefined) {
    list.good("Clock", "the server does not tell its time");
    return;
  }
  // The header has whole seconds, so it is half a second behind on average.
  const ahead = answer.arrived - (answer.date + 500);
  const difference = formatDuration(Math.abs(ahead));
  const text = `${difference} ${ahead < 0 ? "behind" : "ahead of"} the server`;
  if (Math.abs(ahead) <= largestClockDifference) {
    list.good("Clock", Math.abs(ahead) < 1_000 ? "as the server's" : text);
  } else {
    list.good("Clock", text, [
      `now, today and durations such as 24h are off by ${difference}, and with them the newest events. Set this machine's clock, best by NTP.`,
    ]);
  }
}

function checkSearch({ outcome }: Probe, list: CheckList) {
  if (outcome instanceof KeyRefusedError && outcome.status === 403) {
    list.good("Key accepted", "yes");
  }
  if (outcome instanceof SparkyEventsError) {
    throw outcome;
  }
  list.good("Key accepted", "yes");
  list.good("Grant", "Events Search: Read-only");
  list.good("Events", `${countOf(outcome, "event")} in the last 24 hours`);
}
