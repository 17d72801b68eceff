/** A day in UTC that is over in every zone, and that SparkPost still has: `2026-11-19`. */
export const day = daysAgo(2);
export const dayBefore = daysAgo(3);
export const dayAfter = daysAgo(1);

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 864e5).toISOString().slice(0, "2026-11-19".length);
}
