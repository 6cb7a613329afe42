/** What can be wrong with certificates and their files. */
import { errorTable } from '@parley/sdk';

export const PkiErrors = errorTable({
  PKI_FILES_INCOMPLETE: {
    sentence: 'The configuration names {given} but not {missing}.',
    fix: 'Set certFile and keyFile together, or neither to have Parley make a certificate.',
  },
  PKI_FILE_UNREADABLE: {
    sentence: 'The file {file} cannot be read: {found}.',
    fix: 'Check the path and that the user of the server may read it.',
  },
  PKI_CERTIFICATE_MALFORMED: {
    sentence: '{file} holds no PEM certificate that can be read: {found}.',
    fix: 'Give a PEM file with the server certificate first and its intermediate authorities after it.',
  },
  PKI_KEY_MALFORMED: {
    sentence: '{file} holds no private key that can be read: {found}.',
    fix: 'Give an unencrypted PEM key; `openssl pkey -in {file} -out plain.key` decrypts one.',
  },
  PKI_KEY_MISMATCH: {
    sentence: 'The key in {keyFile} does not belong to the certificate "{subject}" in {certFile}.',
    fix: 'Give the key that this certificate was requested with.',
  },
  PKI_CHAIN_ORDER: {
    sentence: 'The certificates in {file} are in the wrong order: {found}.',
    fix: 'Put the server certificate first, then the authority that issued it, then the one that issued that.',
  },
  PKI_NAMES_MISSING: {
    sentence: 'The certificate "{subject}" in {file} is good for {found}, but not for {missing}.',
    fix: 'Get one that names them all, or set allowMissingNames if your clients never verify these names.',
  },
  PKI_CA_DAMAGED: {
    sentence: 'The authority in {folder} cannot be used: {found}.',
    fix: 'Restore {folder} from your backup. To make a new authority, which clients must then be told to trust, move the folder away.',
  },
  PKI_NO_CA: {
    sentence: 'The certificate comes from files that name no authority of their own.',
    fix: 'Get the root certificate from whoever issued it, or set caFile.',
  },
  PKI_REQUEST_MALFORMED: {
    sentence: 'The certificate request cannot be read: {found}.',
    fix: 'Send a PKCS#10 request in DER of at most {limit} bytes.',
    status: 400,
  },
  PKI_REQUEST_KEY: {
    sentence: 'The certificate request is for {found}.',
    fix: 'Request a certificate for an RSA key of {least} to {most} bits.',
    status: 400,
  },
  PKI_REQUEST_SIGNATURE: {
    sentence: 'The signature of the certificate request {found}.',
    fix: 'Sign it with the key that it is for, by RSA with SHA-1 or SHA-2.',
    status: 400,
  },
  PKI_DEVICE_ID: {
    sentence: 'The device id is {found}.',
    fix: 'Send 1 to {limit} printable ASCII characters, such as the GUID of the endpoint.',
    status: 400,
  },
  PKI_USER_NOT_ENABLED: {
    sentence: '{aor} is not an enabled user, or the address belongs to another one.',
    fix: 'Add the user, or enable it with: parley user enable {aor}',
    status: 403,
  },
  PKI_USER_UNKNOWN: {
    sentence: 'There is no user with the address "{found}".',
    fix: 'See `parley user list`.',
  },
  PKI_CERTIFICATE_NOT_HELD: {
    sentence: '{aor} has no certificate{device}.',
    fix: 'See `parley user certificates {aor}`.',
  },
});
