/** Subscriptions from both sides. RFC 6665. */
import type {
  Content,
  Dialogs,
  NewRequest,
  Notifier,
  NotifierUser,
  RequestContext,
  SipRequest,
  SipResponse,
  Subscriber,
  SubscriberUser,
  SubscriptionOptions,
  SubscriptionState,
} from '@parley/core';

/** What a subscription is asked for with; `contact` is needed, as in any request that begins a dialog. */
export interface SubscribeOptions extends NewRequest {
  readonly contact: string;
  /** The event package: `presence`, `dialog` ... */
  readonly event: string;
  /** Seconds to ask for; it is refreshed until it is ended. Default 3600. */
  readonly expires?: number;
  /** Hears how it ended. */
  readonly onEnded?: SubscriberUser['onEnded'];
}

/**
 * Subscribes, and calls `onNotify` with every notification. `subscriber.unsubscribe()` ends it. Throws DIALOG_LIMIT.
 * @example subscribe(this.dialogs, { uri, from, contact, event: 'presence' }, (notify) => this.show(notify.body));
 */
export function subscribe(
  dialogs: Pick<Dialogs, 'subscribe'>,
  { event, expires = 3600, onEnded, ...parts }: SubscribeOptions,
  onNotify: (notify: SipRequest | SipResponse, state: SubscriptionState) => void,
): Subscriber {
  return dialogs.subscribe(parts, event, expires, onEnded === undefined ? { onNotify } : { onNotify, onEnded });
}

/** How a subscription is served. */
export interface NotifyOptions extends Partial<SubscriptionOptions> {
  /** Hears how it ended. */
  readonly onEnded?: NotifierUser['onEnded'];
}

/**
 * Accepts the SUBSCRIBE that a script dispatched, and tells the state at once: `current` is asked for it now, after each refresh and at
 * the end. `notifier.notify(content)` tells a change. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN, DIALOG_LIMIT.
 * @example const notifier = notify(this.dialogs, tx, () => ({ body: this.document(), contentType: 'application/pidf+xml' }));
 */
export function notify(
  dialogs: Pick<Dialogs, 'notifier'>,
  tx: Pick<RequestContext, 'transaction'>,
  current: () => Content,
  { onEnded, expires = 3600, ...options }: NotifyOptions = {},
): Notifier {
  return dialogs.notifier(tx, { expires, ...options }, onEnded === undefined ? { current } : { current, onEnded });
}
