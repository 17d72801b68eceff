import { foldCase } from "./fold-case.js";

export type KeywordMatch = "keyword" | "domain";

/** What separates the keywords of a text. */
export const keywordSeparators: Readonly<Record<KeywordMatch, readonly string[]>> = {
  keyword: [" ", "-", "_"],
  domain: [" ", "-", "_", "."],
};

/** The keywords of a text, in lower case. */
export function keywordsOf(text: string, match: KeywordMatch): string[] {
  return foldCase(text).split(splitters[match]).filter(Boolean);
}

const splitters = { keyword: splitterOf("keyword"), domain: splitterOf("domain") };

function splitterOf(match: KeywordMatch): RegExp {
  return new RegExp(`[${keywordSeparators[match].map((char) => `\\${char}`).join("")}]+`);
}
