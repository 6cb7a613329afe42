/** Taking our credentials out of a request: nobody behind the gate may see them. RFC 3261 section 22.3, [MS-SIPRE] R15. */
import { H, headerName } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import { readCredentials } from './credentials.ts';
import type { DigestCredentials } from './credentials.ts';

/** Either header is taken for either challenge: some phones answer a 407 with Authorization. */
const HEADERS = [H.Authorization, H.ProxyAuthorization] as const;

/**
 * Removes the credentials for our realm from the request and returns the first; those for others stay as they are.
 * An Error when Digest credentials cannot be read; the request is to be refused then.
 * @param realm as a byte string
 */
export function takeCredentials(request: SipRequest, realm: string): DigestCredentials | undefined | Error {
  let taken: DigestCredentials | undefined;
  for (const header of HEADERS) {
    if (!request.has(header)) continue;
    const values = request.all(header);
    const others: string[] = [];
    for (const value of values) {
      const own = read(value, headerName(header), realm);
      if (own instanceof Error) return own;
      if (own === undefined) others.push(value);
      else taken ??= own;
    }
    if (others.length === values.length) continue;
    request.remove(header);
    for (const value of others) request.append(header, value);
  }
  return taken;
}

function read(value: string, header: string, realm: string): DigestCredentials | undefined | Error {
  try {
    return readCredentials(value, header, realm);
  } catch (error) {
    return error as Error;
  }
}
