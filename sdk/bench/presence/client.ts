/** One user's client: registers, watches, publishes. Its requests are those of Lync, unsigned. */
import { randomBytes } from 'node:crypto';
import { instanceOfEpid } from '../../src/endpoint/index.ts';
import { DOMAIN, aorOf } from '../sign-in/plan.ts';
import type { Peer } from './peer.ts';

const BATCH_TYPE = 'application/msrtc-adrl-categorylist+xml';
const CATEGORIES = ['calendarData', 'contactCard', 'note', 'state'].map((name) => `<category name="${name}"/>`).join('');
/** Between available and busy, so that every publication changes what others see. */
const AVAILABILITIES = [3500, 6500] as const;

/** The body that subscribes to users by number. */
export function batchSubscribe(aor: string, contacts: readonly number[]): string {
  const resources = contacts.map((number) => `<resource uri="sip:${aorOf(number)}"/>`).join('');
  return (
    `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:${aor}" name="">` +
    `<action name="subscribe" id="63792024"><adhocList>${resources}</adhocList>` +
    `<categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist">${CATEGORIES}</categoryList></action></batchSub>`
  );
}

/** Headers of a subscription to presence. @param isList whether it is to several people */
export function batchHeaders(isList: boolean): readonly string[] {
  return [
    'Event: presence',
    `Accept: ${BATCH_TYPE}, text/xml+msrtc.pidf, application/xpidf+xml, application/pidf+xml, application/rlmi+xml, multipart/related`,
    'Supported: com.microsoft.autoextend, ms-piggyback-first-notify, ms-benotify',
    'Proxy-Require: ms-benotify',
    ...(isList ? ['Require: adhoclist, categoryList'] : ['Supported: categoryList']),
    `Content-Type: ${BATCH_TYPE}`,
  ];
}

export class PresenceClient {
  private readonly aor: string;
  private readonly epid = randomBytes(6).toString('hex');
  private version = 0;

  constructor(
    readonly number: number,
    private readonly peer: Peer,
  ) {
    this.aor = aorOf(number);
  }

  register(): Promise<string | undefined> {
    const contact = `<sip:127.0.0.1:49152;transport=tcp;ms-opaque=${this.epid}>;methods="INVITE, MESSAGE, SUBSCRIBE, BENOTIFY, NOTIFY";proxy=replace;+sip.instance="<urn:uuid:${instanceOfEpid(this.epid)}>"`;
    return this.ask('REGISTER', `sip:${DOMAIN}`, [`Contact: ${contact}`, 'Supported: gruu-10, adhoclist, msrtc-event-categories'], '');
  }

  watch(contacts: readonly number[]): Promise<string | undefined> {
    const isList = contacts.length > 1;
    const to = `sip:${isList ? this.aor : aorOf(contacts[0] ?? 0)}`;
    const contact = `Contact: <sip:${this.aor};transport=tcp>;proxy=replace`;
    return this.ask('SUBSCRIBE', to, [...batchHeaders(isList), contact], batchSubscribe(this.aor, contacts));
  }

  /** Another state than the last one. */
  async publish(): Promise<string | undefined> {
    const availability = AVAILABILITIES[this.version % 2] as number;
    const state =
      '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState">' +
      `<availability>${availability}</availability></state>`;
    const publication = (container: number): string =>
      `<publication categoryName="state" instance="906391354" container="${container}" version="${this.version}" expireType="endpoint">${state}</publication>`;
    const publications = `<publications uri="sip:${this.aor}">${publication(2)}${publication(3)}</publications>`;
    const body = `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence">${publications}</publish>`;
    const failure = await this.ask('SERVICE', `sip:${this.aor}`, ['Content-Type: application/msrtc-category-publish+xml'], body);
    if (failure === undefined) this.version++;
    return failure;
  }

  /** The answer when it is not 200. */
  private async ask(method: string, uri: string, headers: readonly string[], body: string): Promise<string | undefined> {
    const callId = randomBytes(8).toString('hex');
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/tcp 127.0.0.1:49152;branch=z9hG4bK${callId}`,
      `From: <sip:${this.aor}>;tag=633235000;epid=${this.epid}`,
      `To: <${method === 'REGISTER' ? `sip:${this.aor}` : uri}>`,
      'Max-Forwards: 70',
      `CSeq: 1 ${method}`,
      'User-Agent: UCCAPI/4.0.7577.0 OC/4.0.7577.0 (Microsoft Lync 2010)',
      `Call-ID: ${callId}`,
      ...headers,
      `Content-Length: ${body.length}`,
    ];
    const { status, text } = await this.peer.ask(callId, `${lines.join('\r\n')}\r\n\r\n${body}`);
    return status === 200 ? undefined : `${method} was answered:\n${text}`;
  }
}
