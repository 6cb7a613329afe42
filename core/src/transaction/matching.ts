/** Which transaction a message belongs to, as one string to look up. RFC 3261 17.1.3 and 17.2.3, [MS-SIPRE] sheet section 4.4. */
import type { SipRequest, UnreadTransaction } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';

const MAGIC_COOKIE = 'z9hG4bK';

/**
 * The key of the server transaction that a request creates or belongs to; an ACK or CANCEL has that of its INVITE.
 *
 * A branch of RFC 3261 with the sent-by and the method is the whole key. Requests of RFC 2543, and those that real clients send
 * inside dialogs, have no such branch: they are told apart by Call-ID, CSeq number, From tag and epid, and by the connection or
 * sent-by that they came from. The Request-URI is not part of it, since such clients address the ACK to the Contact of the response.
 */
export function serverKey(request: SipRequest, flow: Flow): string {
  const via = request.topVia;
  const { branch } = via;
  const method = request.method === 'ACK' || request.method === 'CANCEL' ? 'INVITE' : request.method;
  // The blank separates, since no token, host or Call-ID can contain one.
  if (branch !== undefined && branch.length > MAGIC_COOKIE.length && branch.startsWith(MAGIC_COOKIE)) {
    return `${branch} ${via.host} ${via.port ?? ''} ${method}`;
  }
  const { from } = request;
  const source = flow.reliable ? flow.id : `${via.host} ${via.port ?? ''}`;
  return `${source} ${branch ?? ''} ${request.callId} ${request.cseq.number} ${from.tag ?? ''} ${from.epid ?? ''} ${method}`;
}

/** The same for a request that nobody has read; not for ACK and CANCEL. */
export function unreadServerKey({ method, branch, host, port }: UnreadTransaction): string {
  return `${branch} ${host} ${port} ${method}`;
}

/** The key of the answer to a request that came over UDP: it is given again only to where it was given first. */
export function answerKey(serverKey: string, flow: Flow): string {
  return `${serverKey} ${flow.remote.host}`;
}

/** True when the sender has not made the branch of its top Via unique, so that an ACK has to be told by its To tag too. RFC 3261 17.2.3. */
export function lacksBranch(request: SipRequest): boolean {
  const { branch } = request.topVia;
  return branch === undefined || branch.length === MAGIC_COOKIE.length || !branch.startsWith(MAGIC_COOKIE);
}

/** What the copies of one request have in common that reached this server on different ways. RFC 3261 8.2.2.2. */
export function mergeKey(request: SipRequest): string {
  const { cseq, from } = request;
  return `${request.callId} ${cseq.number} ${cseq.method} ${from.tag ?? ''}`;
}

/** The key of a client transaction: CANCEL shares the branch of its INVITE. */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `CANCEL ${branch}` : branch;
}

/** May a message from `flow` concern what belongs to `owner`? Branches can be guessed or overheard; the peer's address not so easily. */
export function sameSource(flow: Flow, owner: Flow): boolean {
  return flow === owner || flow.remote.host === owner.remote.host;
}

/**
 * May a response from `flow` answer a request that went out on `sent`? One to a client's own connection only on that connection,
 * since many clients share an address behind NAT; one to a server also over a connection that it has made (RFC 3261 18.2.2).
 */
export function mayAnswer(flow: Flow, sent: Flow): boolean {
  if (flow === sent) return true;
  if (sent.reliable && sent.listener !== undefined) return flow.id === sent.id;
  return flow.remote.host === sent.remote.host;
}
