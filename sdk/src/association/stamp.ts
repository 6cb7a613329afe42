/** Signs what is sent to clients, as the last change of each message. [MS-SIPAE] R13 to R15. */
import { H } from '@parley/core';
import type { Flow, SipMessage, SipResponse, Stamp } from '@parley/core';
import { ASSOCIATION_REALM } from './answers.ts';
import { FlowAssociations } from './flow-associations.ts';
import { transactionOf } from './gate.ts';
import type { AssociationMechanism } from './mechanism.ts';
import { randomHex } from './security-association.ts';
import type { SecurityAssociation } from './security-association.ts';
import { signatureBuffer } from './signature-buffer.ts';

/** Behind every other stamp: the signature covers Call-ID, CSeq, From, To, asserted identity and Expires as they leave. */
const STAMP_ORDER = 1000;

export class AssociationStamp implements Stamp {
  readonly order = STAMP_ORDER;

  constructor(
    readonly name: string,
    private readonly mechanism: AssociationMechanism,
  ) {}

  apply(message: SipMessage, flow: Flow): void {
    const association = FlowAssociations.of(flow)?.recipientOf(message);
    if (association?.scheme !== this.mechanism.scheme) return;
    // What stands there is for the hop before this one.
    if (message.has(H.AuthenticationInfo)) message.remove(H.AuthenticationInfo);
    if (association.suspended || (!message.isRequest && isUnsigned(message as SipResponse))) return;
    message.append(H.AuthenticationInfo, this.authenticationInfo(message, association));
    if (association.lastAnswer !== undefined && isLastAnswer(message, association.lastAnswer)) FlowAssociations.remove(association);
  }

  /** In the order of Lync. [MS-SIPAE] section 8 */
  private authenticationInfo(message: SipMessage, association: SecurityAssociation): string {
    const { scheme, targetName } = this.mechanism;
    const { version, keys, opaque } = association;
    const srand = randomHex();
    const snum = String(association.nextNumber());
    const rspauth = keys.sign(signatureBuffer(message, { scheme, realm: ASSOCIATION_REALM, targetName, version }, srand, snum));
    return (
      `${scheme} qop="auth", opaque="${opaque}", srand="${srand}", snum="${snum}", rspauth="${rspauth}", ` +
      `targetname="${targetName}", realm="${ASSOCIATION_REALM}", version=${version}`
    );
  }
}

/** 100 is this hop's alone, and a client that is challenged may have no keys. */
function isUnsigned({ status }: SipResponse): boolean {
  return status === 100 || status === 401;
}

/** The client has signed out: it has no keys any more. */
function isLastAnswer(message: SipMessage, transaction: string): boolean {
  return !message.isRequest && (message as SipResponse).status >= 200 && transactionOf(message) === transaction;
}
