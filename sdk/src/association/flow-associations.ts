/** The associations of one connection, of every mechanism together. [MS-SIPAE] R13, R18. */
import type { Flow, SipMessage } from '@parley/core';
import { decodeText } from '@parley/core';
import type { EndpointIdentifiers } from './endpoint-identifiers.ts';
import type { SecurityAssociation } from './security-association.ts';

/** Signed messages in a row that did not verify. A client that repeats them for ever is cut off. */
const MAX_STRIKES = 8;

/** Endpoints of one connection: a client has one, or one for each of its accounts. The oldest goes when there are more. */
const MAX_ASSOCIATIONS = 16;

const byFlow = new WeakMap<Flow, FlowAssociations>();

/** Nearly always one association; a connection of several accounts has several. */
export class FlowAssociations {
  private readonly list: SecurityAssociation[] = [];
  private strikes = 0;

  /** Those of this connection; undefined when it never had one. */
  static of(flow: Flow): FlowAssociations | undefined {
    return byFlow.get(flow);
  }

  /** Adds one, in place of what the endpoint had. */
  static add(association: SecurityAssociation): void {
    const { list } = FlowAssociations.at(association.flow);
    const { aor, epid } = association.endpoint;
    const former = list.findIndex(({ endpoint }) => endpoint.aor === aor && endpoint.epid === epid);
    if (former >= 0) list.splice(former, 1)[0]?.release();
    else if (list.length === MAX_ASSOCIATIONS) list.shift()?.release();
    list.push(association);
  }

  /** Ends one. */
  static remove(association: SecurityAssociation): void {
    const list = byFlow.get(association.flow)?.list;
    const index = list?.indexOf(association) ?? -1;
    if (index >= 0) list?.splice(index, 1);
    association.release();
  }

  /** The connection is no more, and so are its associations. */
  static flowClosed(flow: Flow): void {
    for (const association of byFlow.get(flow)?.list.splice(0) ?? []) association.release();
  }

  /** Counts a signed message that did not verify. True when it was one too many. */
  static strike(flow: Flow): boolean {
    return ++FlowAssociations.at(flow).strikes >= MAX_STRIKES;
  }

  private static at(flow: Flow): FlowAssociations {
    let associations = byFlow.get(flow);
    if (associations === undefined) byFlow.set(flow, (associations = new FlowAssociations()));
    return associations;
  }

  /** In order of their beginning. */
  get all(): readonly SecurityAssociation[] {
    return this.list;
  }

  /** That of an endpoint. */
  ofEndpoint({ aor, epid }: Pick<EndpointIdentifiers, 'aor' | 'epid'>): SecurityAssociation | undefined {
    return this.list.find(({ endpoint }) => endpoint.aor === aor && endpoint.epid === epid);
  }

  /**
   * That of the endpoint a message is sent to: To of a request, From of a response. With only one on the connection it is that one:
   * after a call was forwarded, the addresses of a dialog are not the endpoint's.
   */
  recipientOf(message: SipMessage): SecurityAssociation | undefined {
    if (this.list.length <= 1) return this.list[0];
    return this.named(message.isRequest ? message.to : message.from);
  }

  /** That of the endpoint a message came from: From of a request, To of a response. */
  senderOf(message: SipMessage): SecurityAssociation | undefined {
    if (this.list.length <= 1) return this.list[0];
    return this.named(message.isRequest ? message.from : message.to);
  }

  /** A message did verify. */
  verified(): void {
    this.strikes = 0;
  }

  private named(address: SipMessage['from']): SecurityAssociation | undefined {
    const epid = address.epid?.toLowerCase();
    const aor = decodeText(address.uri.userAtHost).toLowerCase();
    const ofEpid = epid === undefined ? this.list : this.list.filter(({ endpoint }) => endpoint.epid === epid);
    return ofEpid.find(({ endpoint }) => endpoint.aor === aor) ?? ofEpid[0];
  }
}
