/** Whether a zone is UTC, rather than one whose clocks show the same now and then. */
export function isUtc(zoneName: string): boolean {
  return /^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/i.test(zoneName);
}
