/** What clients of presence say and hear, in a few words: the vocabulary of these tests. */
import { readFileSync } from 'node:fs';
import { parseXml } from '@parley/sdk';
import type { SipMessage, XmlElement } from '@parley/sdk';
import type { Endpoint, Sent, Subscription, TestHeaders } from '@parley/sdk/testkit';

export const DOMAIN = 'example.test';

/** What clients of this family say of themselves in a SUBSCRIBE. */
export const OCS: TestHeaders = {
  Supported: 'ms-piggyback-first-notify, ms-benotify, com.microsoft.autoextend',
  'Proxy-Require': 'ms-benotify',
};
/** Of a SUBSCRIBE to one contact. */
export const SINGLE: TestHeaders = { ...OCS, 'Content-Type': 'application/msrtc-adrl-categorylist+xml' };
/** Of a SUBSCRIBE to contacts as a list. */
export const LIST: TestHeaders = { ...SINGLE, Require: 'adhoclist, categoryList' };

/** Publishes for the own user. */
export function publish(by: Endpoint, publications: string, from = by.aor): Sent {
  const body = `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:${from}">${publications}</publications></publish>`;
  return by.send('SERVICE', by.aor, { contentType: 'application/msrtc-category-publish+xml', body });
}

export interface Publishing {
  readonly instance?: number;
  readonly container?: number;
  readonly version?: number;
  readonly expireType?: 'static' | 'endpoint' | 'user' | 'time';
  /** Seconds; 0 takes it away. */
  readonly expires?: number;
  /** The document; one of no meaning when absent. */
  readonly content?: string;
}

/** One publication: of an instance 0 in container 200 that stays, unless more is said. */
export function publication(category: string, more: Publishing = {}): string {
  const { instance = 0, container = 200, version = 0, expireType = 'static', expires, content = `<${category} xmlns="urn:x"/>` } = more;
  const time = expires === undefined ? '' : ` expires="${expires}"`;
  return `<publication categoryName="${category}" instance="${instance}" container="${container}" version="${version}" expireType="${expireType}"${time}>${expires === 0 ? '' : content}</publication>`;
}

/** A note. */
export function note(text: string, container = 200, version = 0, more: Publishing = {}): string {
  const content = `<note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">${text}</body></note>`;
  return publication('note', { container, version, content, ...more });
}

/** The instance that the state of a machine has here. */
export const MACHINE = 0x3000_0001;

/** The state of a machine, which goes with its endpoint, or what the user has said; in containers 2 and 3. */
export function state(type: 'machineState' | 'userState', availability: number, version = 0, more: Publishing = {}): string {
  const instance = type === 'machineState' ? MACHINE : 0x2000_0000;
  const content = `<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="${type === 'userState'}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}"><availability>${availability}</availability><endpointLocation/></state>`;
  const expireType = type === 'machineState' ? 'endpoint' : 'static';
  return [2, 3].map((container) => publication('state', { instance, container, version, expireType, content, ...more })).join('');
}

/** Lets people see, and takes that back. */
export function setMembers(by: Endpoint, containers: string): Sent {
  const body = `<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">${containers}</setContainerMembers>`;
  return by.send('SERVICE', by.aor, { contentType: 'application/msrtc-setcontainermembers+xml', body });
}

/** Adds somebody to a container, or removes them. */
export function member(action: 'add' | 'remove', value: string, container: number, version: number | string = 0): string {
  return `<container id="${container}" version="${version}"><member action="${action}" type="user" value="${value}"/></container>`;
}

/** Lets people act for the own user, and takes that back. @param space what a protocol model prints in the type */
export function setDelegates(by: Endpoint, version: number, changes: Readonly<Record<string, 'add' | 'remove'>>, space = ''): Sent {
  const list = Object.entries(changes).map(([name, action]) => `<delegate uri="${name}@${DOMAIN}" action="${action}"/>`);
  const body = `<setDelegates xmlns="http://schemas.microsoft.com/2006/09/sip/delegate-management" version="${version}">${list.join('')}</setDelegates>`;
  return by.send('SERVICE', by.aor, { contentType: `application/msrtc-setdelegate${space}+xml`, body });
}

/** Takes note of somebody who has added the own user. */
export function acknowledge(by: Endpoint, user: string): Sent {
  const body = `<setSubscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers"><subscriber user="${user}" acknowledged="true"/></setSubscribers>`;
  return by.send('SERVICE', by.aor, { contentType: 'application/msrtc-presence-setsubscriber+xml', body });
}

/** Subscribes to the own user's data, or asks for it once (`Expires: 0`). */
export function ownData(by: Endpoint, headers: TestHeaders = {}, sets = ['categories', 'containers', 'subscribers']): Subscription {
  const body = `<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">${sets.map((type) => `<roaming type="${type}"/>`).join('')}</roamingList>`;
  const contentType = 'application/vnd-microsoft-roaming-self+xml';
  return by.subscribe(by.aor, 'vnd-microsoft-roaming-self', { headers: { ...OCS, ...headers }, contentType, body });
}

/** Subscribes to contacts as a list. */
export function batch(by: Endpoint, contacts: readonly string[], headers: TestHeaders = {}): Subscription {
  return by.subscribe(by.aor, 'presence', { headers: { ...LIST, ...headers }, body: batchBody(by.aor, contacts) });
}

/** A batchSub; a contact with a `+` in front is one that is to be told. */
export function batchBody(
  aor: string,
  contacts: readonly string[],
  action = 'subscribe',
  categories = ['calendarData', 'contactCard', 'note', 'state'],
): string {
  const resources = contacts.map((contact) =>
    contact.startsWith('+')
      ? `<resource uri="sip:${contact.slice(1)}@${DOMAIN}"><context/></resource>`
      : `<resource uri="sip:${contact.includes('@') ? contact : `${contact}@${DOMAIN}`}"/>`,
  );
  return `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:${aor}" name=""><action name="${action}" id="63792024"><adhocList>${resources.join('')}</adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist">${categories.map((name) => `<category name="${name}"/>`).join('')}</categoryList></action></batchSub>`;
}

/** The conflicts that a 409 names: index, version, current version. */
export function conflictsIn(answer: SipMessage): (readonly (string | undefined)[])[] {
  return [...xmlOf(answer).descendants('operation')].map((one) => ['index', 'version', 'curVersion'].map((name) => one.attribute(name)));
}

/** The body as XML. */
export function xmlOf({ body }: Pick<SipMessage, 'body'> | { readonly body: string }): XmlElement {
  return parseXml(body).root;
}

/** Of a multipart body, the part with this Content-ID. */
export function partOf(message: SipMessage, id: string): string {
  const boundary = /boundary="?([^";]+)/.exec(message.first('Content-Type') ?? '')?.[1] ?? '';
  const part = message.body
    .toString('utf8')
    .split(`--${boundary}`)
    .find((one) => one.includes(`Content-ID: ${id}\r\n`) || one.includes(`Content-ID: <${id}>\r\n`));
  return part?.slice(part.indexOf('\r\n\r\n') + 4).trimEnd() ?? '';
}

/** The availability of all endpoints together that a categories document shows; undefined when it shows none. */
export function availabilityIn(document: string): number | undefined {
  const found = /<state [^>]*aggregateState[^>]*>\s*<availability>(\d+)</.exec(document)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A message that pidgin-sipe 1.25 has sent, with some of its text replaced. */
export function captured(name: string, changes: Readonly<Record<string, string>> = {}): Buffer {
  let text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${name}.sip has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return Buffer.from(text, 'latin1');
}
