/** Which of several final responses goes back. RFC 3261 section 16.7 step 6, [MS-SIPRE] forking. */

/** Within a class, what tells the caller most comes first; the authentication challenges need the caller to act. */
const PREFERRED = [401, 407, 415, 420, 484, 486, 480];
const LAST = [408, 487];

/**
 * True when `candidate` is a better answer for the caller than `current`: any 6xx first, then the lowest class, then the
 * more telling status. Both are final statuses, 200..699.
 */
export function isBetter(candidate: number, current: number): boolean {
  const a = classRank(candidate);
  const b = classRank(current);
  return a === b ? statusRank(candidate) < statusRank(current) : a < b;
}

function classRank(status: number): number {
  return status >= 600 ? 0 : Math.floor(status / 100);
}

function statusRank(status: number): number {
  const preferred = PREFERRED.indexOf(status);
  if (preferred >= 0) return preferred;
  return LAST.includes(status) ? PREFERRED.length + 1 + LAST.indexOf(status) : PREFERRED.length;
}

/** RFC 3261 16.7 step 6: a 503 tells of one server only, so the caller hears 500 and does not shun this proxy. */
export function statusForCaller(status: number): number {
  return status === 503 ? 500 : status;
}
