import type { Edges } from "./edges.js";

/** Errors of other packages may quote what they were given. */
export function withoutSecrets(text: string, { secrets }: Pick<Edges, "secrets">): string {
  return [...secrets].reduce((shown, secret) => shown.replaceAll(secret, "[API key]"), text);
}
