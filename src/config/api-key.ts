import { isApiKey } from "../api/client.js";
import { UsageError } from "../errors.js";
import { findGiven, type SettingSources } from "./given.js";
import type { IniEntry } from "./ini-file.js";
import { findEntry } from "./interpolation.js";
import { mainSettings } from "./setting-names.js";

/**
 * The API key from the environment, else from its own file, else from the ini file.
 *
 * @throws UsageError where there is none, or where it cannot be one
 */
export function resolveApiKey(sources: SettingSources): string {
  const { keyFile } = sources;
  const given = sources.apiKey
    ? { value: sources.apiKey, name: "SPARKPOST_API_KEY" }
    : keyFile
      ? { value: keyFile.text, name: keyFile.name }
      : findGiven(sources, mainSettings.apiKey);
  if (!given) {
    throw new UsageError(
      sources.ini
        ? `${sources.ini.name} holds no API key.`
        : "There is no API key: no sparkpost.ini here or in ~/.config/sparky-events, and no SPARKPOST_API_KEY.",
      {
        hint: sources.ini
          ? "Write Authorization = <your key> below [SparkPost], or set SPARKPOST_API_KEY."
          : "To write a sparkpost.ini: npx sparky-events init. To see the tool work without a key: npx sparky-events demo",
      },
    );
  }
  const apiKey = given.value.trim();
  if (apiKey === "") {
    throw new UsageError(`${given.name} is empty.`, { hint: "Write the API key into it." });
  }
  if (!isApiKey(apiKey)) {
    throw new UsageError(`${given.name} does not look like an API key.`, {
      hint: keyHint(apiKey),
    });
  }
  return apiKey;
}

/** Whether an ini file has an API key, whatever it may be worth. */
export function holdsApiKey(entries: readonly IniEntry[]): boolean {
  return (findEntry(entries, mainSettings.apiKey.key)?.value ?? "") !== "";
}

function keyHint(text: string): string {
  if (/^(["']).*\1$/.test(text)) {
    return "Remove the quotes.";
  }
  if (/^bearer\s/i.test(text)) {
    return 'Leave out "Bearer": the key stands alone.';
  }
  if (/^(\[|authorization\s*[=:])/i.test(text)) {
    return "The key must stand alone in it. To name an ini file, use --config FILE.";
  }
  return /^<.*>$/.test(text)
    ? `Write your own key in place of ${text}, without < and >.`
    : "A key has letters and digits only: no quotes, no spaces, no < and >.";
}
