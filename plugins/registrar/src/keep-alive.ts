/** Keep-alives of clients on connections. [MS-CONMGMT] R1 to R3, R8, R11. */

const ASKED = /^UAC\b.*;\s*hop-hop\s*=\s*yes\b/i;

/** How much longer than it was told a client may stay silent before its connection is closed, seconds ([MS-CONMGMT] R8). */
export const KEEP_ALIVE_MARGIN = 60;

/** Whether a `ms-keep-alive` value asks for the interval; one that makes no sense does not. */
export function asksForKeepAlive(value: string | undefined): boolean {
  return value !== undefined && ASKED.test(value);
}

/** What a client on a connection is told. */
export function keepAliveValue(seconds: number): string {
  return `UAS; tcp=no; hop-hop=yes; end-end=no; timeout=${seconds}`;
}

/** Why clients would be cut off although they keep to what they are told; undefined when all is well. @param idleMs 0: never closed */
export function keepAliveConflict(seconds: number, idleMs: number): string | undefined {
  const least = seconds + KEEP_ALIVE_MARGIN;
  if (idleMs === 0 || idleMs >= least * 1000) return undefined;
  return (
    `connections are closed after ${idleMs / 1000} s of silence, but clients are told to break it every ${seconds} s: ` +
    `set limits.idleSeconds to ${least} or more, or lower keepAliveSeconds of the registrar`
  );
}
