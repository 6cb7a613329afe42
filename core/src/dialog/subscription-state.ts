/** The Subscription-State header and what it means. Pure. RFC 6665 sections 4.1.3 and 8.4; [MS-SIPRE] sheet section 6. */
import { H, parseValueWithParams } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import { hasOption } from './content.ts';

/** What a Subscription-State header says. RFC 6665 section 4.1.3. */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated`, or an extension; lower-case. */
  readonly state: string;
  /** Seconds left, as the notifier says. */
  readonly expires?: number | undefined;
  /** Why it was terminated: `deactivated`, `timeout`, `rejected` ... */
  readonly reason?: string | undefined;
  /** Seconds after which to try again. */
  readonly retryAfter?: number | undefined;
}

/** Notifications that the client does not answer. Sheet section 6: offered by Supported (and Proxy-Require) of the SUBSCRIBE. */
export const BENOTIFY_OPTION = 'ms-benotify';
/** The first notification in the answer to the SUBSCRIBE. */
export const PIGGYBACK_OPTION = 'ms-piggyback-first-notify';
/** Every notification extends the subscription. */
export const AUTOEXTEND_OPTION = 'com.microsoft.autoextend';

const MAX_SECONDS = 4_294_967_295;

/** Without the header, as some notifications of the family come, the subscription is active. */
export function readSubscriptionState(message: SipRequest | SipResponse): SubscriptionState {
  const value = message.first(H.SubscriptionState);
  if (value === undefined) return { state: 'active' };
  const { value: state, params } = parseValueWithParams(value);
  const reason = params.get('reason');
  return {
    state: state.toLowerCase(),
    expires: seconds(params.get('expires')),
    reason: typeof reason === 'string' ? reason.toLowerCase() : undefined,
    retryAfter: seconds(params.get('retry-after')),
  };
}

export function writeSubscriptionState({ state, expires, reason, retryAfter }: SubscriptionState): string {
  let text = state;
  if (expires !== undefined) text += `;expires=${expires}`;
  if (reason !== undefined) text += `;reason=${reason}`;
  if (retryAfter !== undefined) text += `;retry-after=${retryAfter}`;
  return text;
}

/** Do two messages belong to the same subscription of a dialog? Event package and id are compared; no Event at all matches every package. */
export function sameEvent(one: string, other: string | undefined): boolean {
  if (other === undefined) return true;
  const [a, b] = [parseValueWithParams(one), parseValueWithParams(other)];
  return a.value.toLowerCase() === b.value.toLowerCase() && a.params.get('id') === b.params.get('id');
}

/** Does the subscriber understand this extension of the family? */
export function offers(subscribe: SipRequest, option: string): boolean {
  return hasOption(subscribe, 'Supported', option);
}

const LEAD_SECONDS = 120;

/** When to refresh a subscription that was granted for so many seconds: two minutes before its end, or half-way through a short one. */
export function refreshAfter(granted: number): number {
  return granted > 2 * LEAD_SECONDS ? granted - LEAD_SECONDS : granted / 2;
}

function seconds(value: string | true | undefined): number | undefined {
  if (typeof value !== 'string' || !/^\d{1,10}$/.test(value)) return undefined;
  return Math.min(Number(value), MAX_SECONDS);
}
