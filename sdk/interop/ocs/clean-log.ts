/** What a client must have logged when all went well: every signature found good, no complaint. */
import { expect } from 'vitest';
import { eventually } from '../server.ts';
import type { OcsClient } from './client.ts';
import { count } from './debug-log.ts';

/** Before it enrols, a client calls the certificate that it has not got invalid. */
export const NO_CERTIFICATE_YET = /sipe_certificate_tls_dsk_find/;
/** A server that is told to stop ends its connections. */
export const SERVER_STOPPED = /Server has disconnected/;

/** Whatever the server must sign: its requests, and its answers other than 100 and 401. */
const SIGNED = /^(?:SIP\/2\.0 (?!100|401)\d+|(?!SIP\/2\.0)[A-Z]+ )/;

/**
 * Everything that the server had to sign was signed, the client found every signature good, and it complained of nothing
 * but what matches `except`. A message is logged before its verdict is, so this waits until the verdicts have come, and
 * holds what it then read against them: what is read later may have the next message without its verdict.
 */
export async function expectCleanLog(client: OcsClient, ...except: readonly RegExp[]): Promise<void> {
  let { log } = client;
  const signed = (): number => count(log, 'received', SIGNED);
  await eventually('a verdict on every signature', () => {
    ({ log } = client);
    return log.verified > 0 && log.verified === signed();
  }).catch(() => undefined);
  expect(log.complaints.filter((line) => !except.some((pattern) => pattern.test(line)))).toEqual([]);
  expect(log.verified).toBeGreaterThan(0);
  expect(log.verified).toBe(signed());
}
