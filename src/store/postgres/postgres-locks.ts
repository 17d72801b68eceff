/** Numbers of the advisory locks of a store; drawn once, so that nothing else has them. */
export const locks = {
  /** While the schema changes. */
  schema: "7206517320141",
  /** While events are put among the others, until they are committed. */
  load: "7206517320142",
  /** As long as a sync has the store. */
  sync: "7206517320143",
} as const;
