/** Times as presence documents write them, in UTC. */

/** `2024-01-01T10:00:00.127`, as publishTime has it. Sheet ms-pres section 3.2. */
export function publishTimeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 23);
}

/** `2024-01-01T10:00:00`, as lastActive has it. Sheet ms-pres-schemas section 3.6. */
export function secondsText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19);
}
