/** What a REGISTER does to the bindings of one address. Pure: decides everything, changes nothing. RFC 3261 section 10.3, RFC 5626 section 6. */
import { ParleyError, sameInstance } from '@parley/sdk';
import { RegistrarErrors } from './errors.ts';

/** A binding as this decision sees it. Times are milliseconds since 1970. */
export interface HeldContact {
  readonly contact: string;
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: number;
  readonly registeredAt: number;
  /** UUID; '' without one. */
  readonly instance: string;
  /** 0 without one. */
  readonly regId: number;
  /** '' without one. */
  readonly epid: string;
  /** Its connection went with a restart of this server. */
  readonly lost: boolean;
}

/** A Contact value of a REGISTER. */
export interface AskedContact {
  readonly contact: string;
  /** Seconds in its `expires` parameter; undefined without one. */
  readonly expires: number | undefined;
  readonly instance: string;
  readonly regId: number;
}

/** What of a REGISTER the decision needs. */
export interface RegisterRequest<Asked extends AskedContact = AskedContact> {
  readonly aor: string;
  readonly callId: string;
  readonly cseq: number;
  /** Seconds in the Expires header; undefined without one. */
  readonly expires: number | undefined;
  readonly epid: string;
  /** `Contact: *` */
  readonly star: boolean;
  readonly contacts: readonly Asked[];
}

/** The rules an operator sets; seconds and counts. */
export interface RegisterPolicy {
  readonly defaultExpires: number;
  readonly minExpires: number;
  readonly maxExpires: number;
  readonly maxContacts: number;
  readonly whenFull: 'refuse' | 'replaceOldest';
}

export type Change<Held extends HeldContact, Asked extends AskedContact> =
  | { readonly kind: 'add'; readonly asked: Asked; readonly expiresAt: number }
  | { readonly kind: 'update'; readonly held: Held; readonly asked: Asked; readonly expiresAt: number }
  | { readonly kind: 'remove'; readonly held: Held; readonly reason: 'unregistered' | 'expired' | 'quota' };

/** RFC 3261 section 10.3: only intervals below an hour may be refused as too brief. */
const NEVER_TOO_BRIEF = 3600;

/**
 * The changes that a REGISTER makes, all of them or none: an error is what to answer instead.
 * @param held the bindings of the address; those whose time is over count for nothing and are removed
 * @param now milliseconds since 1970
 * @param sameUri whether two Contact URIs are equal by RFC 3261 section 19.1.4; asked only for those that differ as text
 */
export function applyRegister<Held extends HeldContact, Asked extends AskedContact>(
  held: readonly Held[],
  request: RegisterRequest<Asked>,
  policy: RegisterPolicy,
  now: number,
  sameUri: (held: string, asked: string) => boolean,
): readonly Change<Held, Asked>[] | ParleyError {
  const changes: Change<Held, Asked>[] = [];
  let live = held;
  if (held.some((binding) => binding.expiresAt <= now)) {
    live = held.filter((binding) => binding.expiresAt > now);
    for (const binding of held) if (binding.expiresAt <= now) changes.push({ kind: 'remove', held: binding, reason: 'expired' });
  }
  const refused = request.star ? removeAll(live, request, changes) : applyContacts(live, request, policy, now, sameUri, changes);
  return refused ?? changes;
}

function removeAll<Held extends HeldContact, Asked extends AskedContact>(
  live: readonly Held[],
  request: RegisterRequest<Asked>,
  changes: Change<Held, Asked>[],
): ParleyError | undefined {
  if (request.contacts.length > 0) return RegistrarErrors.REGISTRAR_STAR_MISUSED({ reason: 'beside other contacts' });
  if (request.expires !== 0) return RegistrarErrors.REGISTRAR_STAR_MISUSED({ reason: 'without Expires: 0' });
  for (const binding of live) {
    if (isStale(binding, request)) return stale(binding, request);
    changes.push({ kind: 'remove', held: binding, reason: 'unregistered' });
  }
  return undefined;
}

function applyContacts<Held extends HeldContact, Asked extends AskedContact>(
  live: readonly Held[],
  request: RegisterRequest<Asked>,
  policy: RegisterPolicy,
  now: number,
  sameUri: (held: string, asked: string) => boolean,
  changes: Change<Held, Asked>[],
): ParleyError | undefined {
  const contacts = request.contacts.length > 1 ? withoutRepeats(request.contacts, sameUri) : request.contacts;
  const matches = matchAll(live, contacts, request.epid, sameUri);
  let added = 0;
  let removed = 0;
  for (let i = 0; i < contacts.length; i++) {
    const asked = contacts[i] as Asked;
    const binding = matches[i];
    if (binding !== undefined && isStale(binding, request)) return stale(binding, request);
    const seconds = Math.min(asked.expires ?? request.expires ?? policy.defaultExpires, policy.maxExpires);
    if (seconds === 0) {
      if (binding === undefined) continue;
      removed++;
      changes.push({ kind: 'remove', held: binding, reason: 'unregistered' });
      continue;
    }
    if (seconds < policy.minExpires && seconds < NEVER_TOO_BRIEF) {
      return RegistrarErrors.REGISTRAR_TOO_BRIEF({ found: seconds, least: policy.minExpires });
    }
    const expiresAt = now + seconds * 1000;
    if (binding === undefined) {
      added++;
      changes.push({ kind: 'add', asked, expiresAt });
    } else {
      changes.push({ kind: 'update', held: binding, asked, expiresAt });
    }
  }
  const excess = added === 0 ? 0 : live.length - removed + added - policy.maxContacts;
  if (excess <= 0) return undefined;
  const leaving = makeRoom(live, matches, excess, policy.whenFull === 'replaceOldest');
  if (leaving === undefined) return RegistrarErrors.REGISTRAR_QUOTA({ aor: request.aor, limit: policy.maxContacts });
  for (const binding of leaving) changes.push({ kind: 'remove', held: binding, reason: 'quota' });
  return undefined;
}

/** A Contact that stands twice in one request counts as the last of them says. */
function withoutRepeats<Asked extends AskedContact>(
  contacts: readonly Asked[],
  sameUri: (a: string, b: string) => boolean,
): readonly Asked[] {
  return contacts.filter((asked, i) => {
    const repeats = (later: Asked): boolean =>
      asked.regId === 0 && later.regId === 0
        ? asked.contact === later.contact || sameUri(asked.contact, later.contact)
        : asked.regId === later.regId && sameInstance(asked.instance, later.instance);
    return !contacts.slice(i + 1).some(repeats);
  });
}

/**
 * The binding that each contact stands for. A flow is known by its instance and reg-id (RFC 5626 section 6), any other contact by
 * its URI, and failing that an endpoint that has come back from another port by its instance or epid ([MS-SIPREGE] R3).
 */
function matchAll<Held extends HeldContact>(
  live: readonly Held[],
  contacts: readonly AskedContact[],
  epid: string,
  sameUri: (held: string, asked: string) => boolean,
): (Held | undefined)[] {
  const matches: (Held | undefined)[] = contacts.map((asked) => {
    if (asked.regId > 0) return live.find((binding) => binding.regId === asked.regId && sameInstance(binding.instance, asked.instance));
    return (
      live.find((binding) => binding.regId === 0 && binding.contact === asked.contact) ??
      live.find((binding) => binding.regId === 0 && sameUri(binding.contact, asked.contact))
    );
  });
  contacts.forEach((asked, i) => {
    if (matches[i] !== undefined || asked.regId > 0) return;
    matches[i] = live.find((binding) => binding.regId === 0 && isSameEndpoint(binding, asked, epid) && !matches.includes(binding));
  });
  return matches;
}

function isSameEndpoint(binding: HeldContact, asked: AskedContact, epid: string): boolean {
  if (asked.instance !== '' && binding.instance !== '') return sameInstance(binding.instance, asked.instance);
  return epid !== '' && binding.epid.toLowerCase() === epid.toLowerCase();
}

/** RFC 3261 section 10.3 step 7: within one Call-ID only a higher CSeq counts. */
function isStale(binding: HeldContact, request: RegisterRequest): boolean {
  return binding.callId === request.callId && request.cseq <= binding.cseq;
}

function stale(binding: HeldContact, request: RegisterRequest): ParleyError {
  return RegistrarErrors.REGISTRAR_STALE({ found: request.cseq, stored: binding.cseq });
}

/** The bindings that end in favour of new ones: first those a restart has cut off, then, if they may, the oldest. Undefined when they are not enough. */
function makeRoom<Held extends HeldContact>(
  live: readonly Held[],
  matches: readonly (Held | undefined)[],
  excess: number,
  oldestToo: boolean,
): readonly Held[] | undefined {
  const candidates = live
    .filter((binding) => !matches.includes(binding) && (binding.lost || oldestToo))
    .sort((a, b) => Number(b.lost) - Number(a.lost) || a.registeredAt - b.registeredAt);
  return candidates.length < excess ? undefined : candidates.slice(0, excess);
}
