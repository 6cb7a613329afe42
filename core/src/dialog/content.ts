/** What a user agent adds to a message of a dialog: headers of its own and a body. */
import type { SipMessage } from '../sip/index.ts';

/** Header name and value, a byte string. */
export type Header = readonly [name: string, value: string];

/** What a plugin adds to a message of a dialog: headers, and a body with its type. */
export interface Content {
  /** Added after the headers of the dialog, in order. */
  readonly headers?: readonly Header[];
  /** Bytes, or Unicode text for UTF-8. */
  readonly body?: Buffer | string;
  /** Needed with a body. */
  readonly contentType?: string;
}

export const NO_CONTENT: Content = {};

/** Puts `content` onto a message that has its other headers. */
export function addContent(message: SipMessage, content: Content): void {
  if (content.headers !== undefined) for (const [name, value] of content.headers) message.append(name, value);
  if (content.body !== undefined && content.body.length > 0) message.setBody(content.body, content.contentType);
}

/** Does a header that is a list of option tags (Supported, Require) name this one? Case does not matter. */
export function hasOption(message: SipMessage, header: string, tag: string): boolean {
  return message.has(header) && message.list(header).some((one) => one.toLowerCase() === tag);
}

/** Does it carry a session description, so that it is half of an offer/answer exchange? RFC 3264. */
export function hasSession(message: SipMessage): boolean {
  return message.body.length > 0;
}
