import { stat, unlink, utimes, writeFile } from "node:fs/promises";

/** For how long a wish holds of which no more is heard, in milliseconds: who had it may be gone. */
const lastsFor = 3_000;

/** Tells the program that has a file open that another one waits for it; to be said again meanwhile. */
export async function want(path: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(wishOf(path), now, now);
  } catch {
    // Where it cannot be told, the wait is no worse than without.
    await writeFile(wishOf(path), "", { mode: 0o600 }).catch(() => {});
  }
}

/** Takes the wish back. */
export async function wantNoMore(path: string): Promise<void> {
  await unlink(wishOf(path)).catch(() => {});
}

export async function isWanted(path: string): Promise<boolean> {
  const wish = await stat(wishOf(path)).catch(() => undefined);
  return wish !== undefined && Math.abs(Date.now() - wish.mtimeMs) < lastsFor;
}

function wishOf(path: string): string {
  return `${path}.wanted`;
}
