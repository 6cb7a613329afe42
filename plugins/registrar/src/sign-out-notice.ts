/** Tells an endpoint that the server has signed it out, and why. Pure. [MS-SIPREGE] section 3.2 and 4.1.3, sheet section 3.5. */
import { DIAGNOSTIC_IDS } from '@parley/sdk';
import type { UnboundReason } from './api.ts';

/** What a client that registered with `Event: registration` is told. */
export interface SignOutNotice {
  /** `unregistered`, `rejected`, `deactivated`: [MS-SIPREGE] section 3.2. */
  readonly event: string;
  /** ErrorId of [MS-OCER]. */
  readonly id: number;
  /** Shown to the user. */
  readonly text: string;
  /** The connection is of no use to anybody any more. */
  readonly closes?: true;
  /** How its subscriptions end: `deactivated` invites to try again, `rejected` does not. RFC 6665 section 4.1.3. */
  readonly subscriptions: 'deactivated' | 'rejected';
}

/** Ends that the endpoint brought about, or notices itself, are not told. */
export const SIGN_OUT_NOTICES: { readonly [Reason in UnboundReason]?: SignOutNotice } = {
  quota: {
    event: 'unregistered',
    id: DIAGNOSTIC_IDS.userSignedOut,
    text: 'You have signed in at too many other places',
    subscriptions: 'rejected',
  },
  administrator: {
    event: 'unregistered',
    id: DIAGNOSTIC_IDS.userSignedOut,
    text: 'An administrator has signed you out',
    subscriptions: 'rejected',
  },
  disabled: { event: 'rejected', id: DIAGNOSTIC_IDS.userDisabled, text: 'User disabled', closes: true, subscriptions: 'rejected' },
  // A client that is deactivated registers anew at once: it is asked for the new password.
  password: {
    event: 'deactivated',
    id: DIAGNOSTIC_IDS.expectedFailure,
    text: 'The password has been changed, sign in with the new one',
    subscriptions: 'deactivated',
  },
  moved: {
    event: 'deactivated',
    id: DIAGNOSTIC_IDS.userMoved,
    text: 'User moved to another server',
    subscriptions: 'deactivated',
  },
};

/** The body, and the headers behind those of every request. */
export function noticeContent({ event, id, text }: SignOutNotice): {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly contentType: string;
} {
  return {
    headers: [
      ['Event', 'registration-notify'],
      ['Subscription-State', 'terminated;expires=0'],
      ['ms-diagnostics-public', `${id};reason="${text}"`],
    ],
    body: `deregistered;event=${event}`,
    contentType: 'text/registration-event',
  };
}
