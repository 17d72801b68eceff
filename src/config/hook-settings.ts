import { UsageError } from "../errors.js";
import { findGiven, type Given, type SettingSources } from "./given.js";
import { syncSettings } from "./setting-names.js";

/** Whom a run that nobody watches tells that it is over. */
export interface HookSettings {
  /** Address that is asked for after a run that went well. */
  readonly hookOk: URL | undefined;
  readonly hookFail: URL | undefined;
}

/** @throws UsageError naming the option, or the key and its line */
export function resolveHooks(sources: SettingSources): HookSettings {
  return {
    hookOk: readHook(findGiven(sources, syncSettings.hookOk)),
    hookFail: readHook(findGiven(sources, syncSettings.hookFail)),
  };
}

function readHook(given: Given | undefined): URL | undefined {
  if (!given) {
    return undefined;
  }
  // The address is not shown: it may hold a secret.
  if (!URL.canParse(given.value) || !/^https?:$/.test(new URL(given.value).protocol)) {
    throw new UsageError(`${given.name} is not the address of a web page.`, {
      hint: "For example: https://hc-ping.com/your-uuid",
    });
  }
  return new URL(given.value);
}
