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
 * but what matches `except`. A message is logged before its verdict is, so this waits until the verdicts have come.
 */
export async function expectCleanLog(one: OcsClient, ...except: readonly RegExp[]): Promise<void> {
  const verdicts = (): { verified: number; signed: number } => {
    const { log } = one;
    return { verified: log.verified, signed: count(log, 'received', SIGNED) };
  };
  await eventually('a verdict on every signature', () => {
    const { verified, signed } = verdicts();
    return verified > 0 && verified === signed;
  }).catch(() => undefined);
  expect(one.log.complaints.filter((line) => !except.some((one) => one.test(line)))).toEqual([]);
  const { verified, signed } = verdicts();
  expect(verified).toBeGreaterThan(0);
  expect(verified).toBe(signed);
}
