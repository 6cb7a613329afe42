/** Times as presence documents write them, in UTC. */

/** Everything in a change has one time: it is written once. */
let last = { milliseconds: 0, text: '1970-01-01T00:00:00.000' };

/** `2024-01-01T10:00:00.127`, as publishTime has it. Sheet ms-pres section 3.2. */
export function publishTimeText(milliseconds: number): string {
  if (last.milliseconds !== milliseconds) last = { milliseconds, text: new Date(milliseconds).toISOString().slice(0, 23) };
  return last.text;
}

/** `2024-01-01T10:00:00`, as lastActive has it. Sheet ms-pres-schemas section 3.6. */
export function secondsText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19);
}
