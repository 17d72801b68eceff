import { isAbsolute, join } from "node:path";
import { UsageError } from "../errors.js";
import { defaultLimits, type Limits } from "../serve/limits.js";
import { type ListenAddress, parseListenAddress } from "../serve/listen-address.js";
import { parseStoreAddress, type StoreAddress } from "../store/store-address.js";
import { type FindGiven, findGiven, type Given, type SettingSources } from "./given.js";
import { refuseSlips, slipWarnings } from "./ini-slips.js";
import { readCount, readDuration, readYesNo } from "./read-value.js";
import { serveSettings } from "./setting-names.js";

/** What `sparky-events serve` goes by. */
export interface ServeSettings {
  readonly store: StoreAddress;
  readonly listen: ListenAddress;
  /** Path of the file with the keys. */
  readonly access: string;
  /** Paths; absent without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly behindProxy: boolean;
  readonly limits: Limits;
}

const defaultStore = "events.duckdb";

/**
 * Settings from the command line, else the ini file, else the defaults.
 *
 * @returns the settings, and warnings about what was probably meant otherwise
 * @throws UsageError naming the option, or the key and its line
 */
export function resolveServeSettings(sources: SettingSources): {
  settings: ServeSettings;
  warnings: string[];
} {
  refuseSlips(sources);
  const find: FindGiven = (setting) => findGiven(sources, setting);
  const settings = {
    store: readStore(find),
    listen: parseListenAddress(
      find(serveSettings.listen)?.value ?? "127.0.0.1:8026",
      find(serveSettings.listen)?.name ?? "",
    ),
    access: readAccess(find),
    tls: readTls(find),
    behindProxy: readYesNo(find(serveSettings.behindProxy), false),
    limits: readLimits(find),
  };
  refuseOpenDoor(settings);
  return { settings, warnings: slipWarnings(sources) };
}

/** Path of the file with the keys, as `serve` would have it. */
export function resolveAccessPath(sources: SettingSources): string {
  return readAccess((setting) => findGiven(sources, setting));
}

function readStore(find: FindGiven): StoreAddress {
  const given = find(serveSettings.store);
  const isTyped = given?.name.startsWith("--") ?? false;
  const store = parseStoreAddress(given?.value ?? defaultStore, isTyped);
  return store.engine === "duckdb" && given ? { ...store, path: pathOf(given) } : store;
}

function readAccess(find: FindGiven): string {
  const given = find(serveSettings.access);
  if (given) {
    return pathOf(given);
  }
  const store = readStore(find);
  if (store.engine === "postgres") {
    throw new UsageError("A database has no file beside it for the keys.", {
      hint: "Name one: --access FILE",
    });
  }
  return `${store.path}.access`;
}

function readTls(find: FindGiven): ServeSettings["tls"] {
  const cert = find(serveSettings.tlsCert);
  const key = find(serveSettings.tlsKey);
  if (cert && key) {
    return { cert: pathOf(cert), key: pathOf(key) };
  }
  const one = cert ?? key;
  if (one) {
    throw new UsageError(`${one.name} needs --tls-${cert ? "key" : "cert"} beside it.`, {
      hint: "A certificate and its private key go together.",
    });
  }
  return undefined;
}

const mostSearches = 100;

function readLimits(find: FindGiven): Limits {
  const { perPage, queryTime, searches } = defaultLimits;
  return {
    ...defaultLimits,
    perPage: readCount(find(serveSettings.mostPerPage), perPage, perPage),
    queryTime: readDuration(find(serveSettings.queryTime), queryTime),
    searches: readCount(find(serveSettings.searches), searches, mostSearches),
  };
}

/** Keys and events are not sent over a network where anybody can read them. */
function refuseOpenDoor({
  listen,
  tls,
  behindProxy,
}: Pick<ServeSettings, "listen" | "tls" | "behindProxy">): void {
  if (!listen.isLoopback && !tls && !behindProxy) {
    throw new UsageError(
      `${listen.host} can be reached from other machines, and there is no TLS.`,
      {
        hint: "Give it --tls-cert and --tls-key. Where a proxy in front of it does TLS, and nobody else can reach it, write --behind-proxy.",
      },
    );
  }
}

function pathOf({ value, folder }: Given): string {
  return isAbsolute(value) ? value : join(folder, value);
}
