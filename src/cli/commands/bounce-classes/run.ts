import { bounceClasses } from "../../../catalog/event-catalog.js";
import type { Edges } from "../../process/edges.js";
import { writeListing } from "../listing.js";
import type { BounceClassesGiven } from "./command.js";

export function runBounceClasses({ format = "table" }: BounceClassesGiven, edges: Edges): void {
  const rows = bounceClasses.map((entry) => ({ ...entry }));
  const shown = ["code", "name", "category", "description"];
  writeListing({ rows, shown, optional: "category" }, format, edges);
}
