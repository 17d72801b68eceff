import type { Edges } from "../process/edges.js";

/** Keeps the key out of every message from here on. */
export function hideKey(apiKey: string, { secrets }: Pick<Edges, "secrets">): void {
  // A shorter one is made up, and would turn up in the midst of words.
  if (apiKey.length >= 16) {
    secrets.add(apiKey);
  }
}
