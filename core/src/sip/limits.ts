/** Bounds on what one SIP message may hold. Everything from a wire is hostile; each bound has an error of its own in errors.ts. */

/** All in bytes of the wire, or in counts. */
export interface SipLimits {
  /** Start line, header fields, empty line and body together. */
  readonly maxMessageBytes: number;
  /** Start line and header fields, up to and with the empty line. */
  readonly maxHeadBytes: number;
  /** Header field lines; a folded field counts once. */
  readonly maxHeaders: number;
  /** One line of the wire without its CRLF. */
  readonly maxLineBytes: number;
  readonly maxBodyBytes: number;
  /** Via values, joined by commas or not. */
  readonly maxVias: number;
  /** Route values, joined by commas or not. */
  readonly maxRoutes: number;
}

/** What the server uses when the configuration says nothing. */
export const DEFAULT_LIMITS: SipLimits = {
  maxMessageBytes: 1_114_112,
  maxHeadBytes: 65_536,
  maxHeaders: 256,
  maxLineBytes: 8_192,
  maxBodyBytes: 1_048_576,
  maxVias: 70,
  maxRoutes: 20,
};
