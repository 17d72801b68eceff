import type { Edges } from "../../process/edges.js";
import { showCatalog } from "../live-catalog.js";
import type { LiveGiven } from "../shared-options.js";

export async function runTypes(command: LiveGiven, edges: Edges): Promise<void> {
  await showCatalog(command, edges, (types) => ({
    entries: [...types.values()].map(({ type, description, properties, builtIn }) => ({
      row: { type, description, properties: [...properties.keys()] },
      builtIn,
    })),
    shown: ["type", "description"],
  }));
}
