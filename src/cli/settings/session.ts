import type { Connection } from "../../api/client.js";
import type { ProxySettings } from "../../api/create-exchange.js";
import { isSparkPost } from "../../api/origin.js";
import { resolveApiKey } from "../../config/api-key.js";
import type { SettingSources } from "../../config/given.js";
import { resolveSettings, type Settings } from "../../config/settings.js";
import { UsageError } from "../../errors.js";
import { defaultRetention, describeRetention } from "../../time/retention.js";
import type { Edges } from "../process/edges.js";
import { readConfigFile } from "./config-file.js";
import { hideKey } from "./hide-key.js";
import { readKeyFile } from "./key-file.js";

/** What a command line says about where settings come from. */
export interface SessionCommand {
  /** Path of the ini file, or false to read none. */
  readonly config?: string | false | undefined;
  /** Values of the options that are settings, by option name. */
  readonly settings: Readonly<Record<string, string | undefined>>;
}

/** Settings, and what the API key is to be taken from. */
export interface Session {
  readonly sources: SettingSources;
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/** @throws UsageError where the ini file, the key's file or a setting is wrong */
export async function openSession(command: SessionCommand, edges: Edges): Promise<Session> {
  return sessionFrom(await readSources(command, edges));
}

/** Where settings come from, and warnings about that. */
export interface ReadSources {
  readonly sources: SettingSources;
  readonly warnings: readonly string[];
}

/** @throws UsageError where the ini file or the key's file cannot be read */
export async function readSources(command: SessionCommand, edges: Edges): Promise<ReadSources> {
  const ini =
    command.config === false ? undefined : await readConfigFile(command.config, edges.env);
  const keyFile = await readKeyFile(edges.env);
  return {
    sources: { options: command.settings, apiKey: edges.env.SPARKPOST_API_KEY, keyFile, ini },
    warnings: [...(keyFile?.warnings ?? []), ...(ini?.warnings ?? [])],
  };
}

/** @throws UsageError where a setting is wrong */
export function sessionFrom({ sources, warnings }: ReadSources): Session {
  const resolved = resolveSettings(sources);
  return { sources, settings: resolved.settings, warnings: [...warnings, ...resolved.warnings] };
}

/**
 * @throws UsageError where there is no API key, or what is there cannot be one, or the host is known to
 *   keep events for less time than the settings have it
 */
export function connect({ sources, settings }: Session, edges: Edges): Connection {
  refuseWrongRetention(settings);
  const apiKey = resolveApiKey(sources);
  hideKey(apiKey, edges);
  return {
    host: settings.origin,
    apiKey,
    concurrency: settings.concurrency,
    timeout: settings.timeout,
    giveUpAfter: settings.giveUpAfter,
    maxBody: settings.maxBody,
    proxy: proxyOf(edges),
    clock: edges.clock,
    signal: edges.signal,
  };
}

function refuseWrongRetention({ origin, retention }: Settings): void {
  if (retention > defaultRetention && isSparkPost(origin)) {
    throw new UsageError(
      `Retention (--retention): ${new URL(origin).host} keeps events for ${describeRetention(defaultRetention)}, not longer.`,
      { hint: "Leave it out; it is for a host of your own (Host, --host)." },
    );
  }
}

export function proxyOf({ env }: Pick<Edges, "env">): ProxySettings {
  return {
    httpsProxy: env.HTTPS_PROXY || env.https_proxy,
    noProxy: env.NO_PROXY || env.no_proxy,
  };
}
