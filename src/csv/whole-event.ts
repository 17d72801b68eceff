/** What lists of columns call the whole event. */
export const wholeEvent = {
  name: "event",
  description: "The whole event: its JSON as SparkPost sends it, on one line. Not a part of *.",
} as const;
