/** A secret that the server makes for itself once and keeps in its data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ServerErrors } from './sip-server-errors.ts';

const BYTES = 32;

/** Reads the 32 bytes in `file`, or makes them, with mode 0600. Throws HOST_SECRET_FILE when the file holds something else. */
export function secretFile(file: string): Buffer {
  if (!existsSync(file)) writeFileSync(file, randomBytes(BYTES), { mode: 0o600, flag: 'wx' });
  const secret = readFileSync(file);
  if (secret.length !== BYTES) throw ServerErrors.HOST_SECRET_FILE({ file, found: secret.length, wanted: BYTES });
  return secret;
}
