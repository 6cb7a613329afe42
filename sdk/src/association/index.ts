export { ownerOf } from './accounts.ts';
export type { AssociationAccounts, AssociationUser } from './accounts.ts';
export { ASSOCIATION_REALM } from './answers.ts';
export { installAssociations } from './install.ts';
export type { AssociationOptions, Associations, AttemptLimits, EndedAssociation } from './install.ts';
export type {
  AssociationMechanism,
  AssociationScheme,
  Handshake,
  HandshakeContext,
  HandshakeFailure,
  HandshakeStep,
  SessionKeys,
} from './mechanism.ts';
export { RefusedSignIns } from './refused-sign-ins.ts';
export { SignInFailure } from './sign-in-failures.ts';
export { signatureBuffer } from './signature-buffer.ts';
export type { SignatureContext } from './signature-buffer.ts';
