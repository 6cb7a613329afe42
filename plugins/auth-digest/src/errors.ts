/** What digest authentication refuses outright; wrong passwords are no error but a new challenge. */
import { errorTable } from '@parley/sdk';

export const DigestErrors = errorTable({
  DIGEST_CREDENTIALS_MALFORMED: {
    sentence: 'The credentials in {header} cannot be read: {found}.',
    fix: 'Send them as RFC 7616 section 3.4 writes them.',
    status: 400,
  },
  DIGEST_REALM_UNKNOWN: {
    sentence: 'The directory keeps no passwords for the realm "{realm}", only for {realms}.',
    fix: 'Add it to realms in the configuration of the directory and set the passwords anew, or use one of these as realm here.',
  },
  DIGEST_NETWORK_MALFORMED: {
    sentence: '"{found}" in {path} is not an IP address or network.',
    fix: 'Write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.',
  },
});
