/** What can be wrong with Kerberos tokens and keytabs. */
import { errorTable } from '@parley/core';

/** Errors of Kerberos: keytabs, tickets, tokens. */
export const KerberosErrors = errorTable({
  KERBEROS_DER_MALFORMED: {
    sentence: 'The DER encoding is broken at byte {at}: {found}.',
    fix: 'Only a Kerberos library that follows X.690 can talk to this server; look for a proxy or device that changes headers.',
    status: 400,
  },
  KERBEROS_DER_LIMIT: {
    sentence: 'The DER encoding goes beyond a limit at byte {at}: {found}.',
    fix: 'No ticket needs that much: see where the message comes from.',
    status: 400,
  },
  KERBEROS_TOKEN_MALFORMED: {
    sentence: 'The Kerberos token cannot be used: {found}.',
    fix: 'Send the AP-REQ as RFC 4121 section 4.1 frames it, alone or inside SPNEGO.',
    status: 400,
  },
  KERBEROS_PRINCIPAL_MALFORMED: {
    sentence: '"{found}" is not a Kerberos principal.',
    fix: 'Write it as sip/uc.example.com or sip/uc.example.com@EXAMPLE.COM.',
  },
  KERBEROS_KEYTAB_MALFORMED: {
    sentence: 'The keytab {file} is damaged at byte {at}: {found}.',
    fix: 'Export it anew with kadmin, ktpass or samba-tool, and copy it as a binary file.',
  },
  KERBEROS_KEYTAB_LIMIT: {
    sentence: 'The keytab {file} holds {found}, more than {limit}.',
    fix: 'Export a keytab with the keys of this server alone.',
  },
});
