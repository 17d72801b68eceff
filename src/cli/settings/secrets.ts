import { withoutKey } from "../../api/without-key.js";
import type { Edges } from "../process/edges.js";

/**
 * A text as it may be shown. Errors of other packages may quote what they were given, and servers what
 * they were sent. To be asked before anything is cut or wrapped.
 */
export function withoutSecrets(text: string, { secrets }: Pick<Edges, "secrets">): string {
  return [...secrets].reduce(withoutKey, text);
}
