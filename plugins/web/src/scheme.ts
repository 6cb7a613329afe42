/** One way of signing in over HTTP, as the authenticator sees it. RFC 9110 section 11, RFC 4559, [MS-NTHT]. */
import type { User } from '@parley/plugin-directory/api';
import type { WebScheme } from './api.ts';

/** What came of the credentials in a request. */
export type SchemeVerdict =
  | {
      readonly kind: 'user';
      readonly user: User;
      /** Token for the client beside the answer of the service. */
      readonly reply?: Buffer;
      /** Milliseconds since 1970 until which it counts at most. */
      readonly expiresAt?: number;
    }
  /** A 401 with this token; the client goes on, on the same connection. */
  | { readonly kind: 'continue'; readonly token: Buffer }
  | {
      readonly kind: 'failed';
      readonly cause: 'wrong' | 'disabled' | 'malformed';
      /** What was tried, for the limits: a user's id or a name in lower case. Absent when nobody's secret was tried. */
      readonly account?: string;
      /** One line for the log; no secrets. */
      readonly detail: string;
    };

/** The conversation of one connection; schemes without rounds have one for each request. */
export interface SchemeHandshake {
  step(token: Buffer): SchemeVerdict;
}

/** A scheme that tokens are exchanged by. */
export interface TokenScheme {
  readonly scheme: Exclude<WebScheme, 'Basic'>;
  begin(): SchemeHandshake;
}
