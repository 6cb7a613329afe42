/** What keeps certificate sign-in from starting; refused clients are no error but a new challenge. */
import { errorTable } from '@parley/sdk';

export const DskErrors = errorTable({
  DSK_STS_MISSING: {
    sentence: 'Nobody says where clients get the certificate that they sign in with.',
    fix: 'Add the plugin web-ticket, or set stsUri.',
  },
  DSK_KEY_NOT_RSA: {
    sentence: 'The server certificate has a key of type {found}; clients know only RSA in the handshake of TLS-DSK.',
    fix: 'Serve a certificate with an RSA key, or leave the plugin auth-tls-dsk out.',
  },
});
