/** What keeps Kerberos from starting. */
import { errorTable } from '@parley/sdk';

export const AuthKerberosErrors = errorTable({
  AUTH_KERBEROS_KEYTAB_UNREADABLE: {
    sentence: 'The keytab {file} cannot be read: {found}.',
    fix: 'Export one as the README of auth-kerberos shows, put it there, and let the user of the server read it.',
  },
  AUTH_KERBEROS_SPN_MISSING: {
    sentence: 'The keytab {file} has no key of an allowed type for {spn}; it has {found}.',
    fix: 'Export the key of {spn} into the keytab, or set spn to the principal that clients ask tickets for.',
  },
});
