/** What can be wrong with a SIP message. Every entry with a status is one that a request can be answered with. */
import { errorTable } from '../errors/index.ts';

const FIX_PEER = 'Correct the sender; RFC 3261 section 25 has the grammar.';

/** Error codes of the sip room. `{header}` is the header's usual name, `{found}` an excerpt of the offending text. */
export const SipErrors = errorTable({
  SIP_EMPTY_MESSAGE: { sentence: 'the message has no start line', fix: 'Treat an empty datagram or frame as a keep-alive.' },
  SIP_NOT_SIP: {
    sentence: 'the start line is neither a SIP request nor a SIP response: {found}',
    fix: 'Check that the peer speaks SIP on this port.',
    status: 400,
  },
  SIP_START_LINE: {
    sentence: 'the request line needs "METHOD URI SIP/2.0" with one space between each: {problem}',
    fix: FIX_PEER,
    status: 400,
  },
  SIP_STATUS_LINE: { sentence: 'the status line needs "SIP/2.0 CODE PHRASE" with a code from 100 to 699: {found}', fix: FIX_PEER },
  SIP_VERSION: { sentence: 'the message is of version {found}', fix: 'Speak SIP/2.0, the only version there is.', status: 505 },
  SIP_HEAD_UNTERMINATED: {
    sentence: 'the empty line after the header fields is missing',
    fix: 'End the header fields with CRLF CRLF.',
    status: 400,
  },
  SIP_LINE_END: {
    sentence: 'line {line} holds a CR or LF that is not part of a CRLF',
    fix: 'End every line with CRLF, and escape other line breaks.',
    status: 400,
  },
  SIP_HEADER_LINE: {
    sentence: 'line {line} is not a header field: {found}',
    fix: 'Write "Name: value", the name made of token characters.',
    status: 400,
  },
  SIP_MESSAGE_TOO_LARGE: {
    sentence: 'the message is longer than {limit} bytes',
    fix: 'Send less, or raise the limit maxMessageBytes.',
    status: 513,
  },
  SIP_HEAD_TOO_LARGE: {
    sentence: 'the header fields are longer than {limit} bytes',
    fix: 'Send fewer or shorter header fields, or raise the limit maxHeadBytes.',
    status: 513,
  },
  SIP_TOO_MANY_HEADERS: {
    sentence: 'there are more than {limit} header fields',
    fix: 'Send fewer header fields, or raise the limit maxHeaders.',
    status: 513,
  },
  SIP_LINE_TOO_LONG: {
    sentence: 'line {line} is longer than {limit} bytes',
    fix: 'Fold or shorten the header field, or raise the limit maxLineBytes.',
    status: 400,
  },
  SIP_URI_TOO_LONG: {
    sentence: 'the request line is longer than {limit} bytes',
    fix: 'Shorten the Request-URI, or raise the limit maxLineBytes.',
    status: 414,
  },
  SIP_BODY_TOO_LARGE: {
    sentence: 'the body is longer than {limit} bytes',
    fix: 'Send a shorter body, or raise the limit maxBodyBytes.',
    status: 413,
  },
  SIP_TOO_MANY_VIAS: {
    sentence: 'there are more than {limit} Via values',
    fix: 'Look for a routing loop, or raise the limit maxVias.',
    status: 483,
  },
  SIP_TOO_MANY_ROUTES: {
    sentence: 'there are more than {limit} Route values',
    fix: 'Shorten the route set, or raise the limit maxRoutes.',
    status: 400,
  },
  SIP_BODY_SHORT: {
    sentence: 'Content-Length is {announced}, but only {found} bytes of body came',
    fix: 'Make Content-Length the number of bytes after the empty line.',
    status: 400,
  },
  SIP_LENGTH_MISSING: {
    sentence: 'Content-Length is missing, which every message on a stream needs',
    fix: 'Add Content-Length; RFC 3261 section 18.3.',
    status: 400,
  },
  SIP_LENGTH_MALFORMED: {
    sentence: 'Content-Length is not a number of bytes: {found}',
    fix: 'Make Content-Length the number of bytes after the empty line.',
    status: 400,
  },
  SIP_HEADER_MISSING: { sentence: '{header} is missing', fix: 'Add the header field; RFC 3261 section 8.1.1.', status: 400 },
  SIP_HEADER_REPEATED: {
    sentence: '{header} is there more than once',
    fix: 'Send the header field once; RFC 3261 section 7.3.1.',
    status: 400,
  },
  SIP_HEADER_MALFORMED: { sentence: '{header} is malformed: {problem}', fix: FIX_PEER, status: 400 },
  SIP_URI_MALFORMED: { sentence: 'the URI is malformed: {problem}', fix: 'Write it like sip:user@host:port;parameter=value.', status: 400 },
  SIP_CSEQ_METHOD: {
    sentence: 'CSeq names the method {found}, the request line {method}',
    fix: 'Use one method in both places.',
    status: 400,
  },
  SIP_CSEQ_METHOD_UNKNOWN: {
    sentence: 'the method {method} is unknown, and CSeq names another one: {found}',
    fix: 'Use one method in both places.',
    status: 501,
  },
  SIP_NOT_BYTES: {
    sentence: 'the text for {header} holds a line break or a character above U+00FF',
    fix: 'Call encodeText() on Unicode text, and take line breaks out.',
  },
  SIP_NOT_TOKEN: { sentence: 'not a token: {found}', fix: "Use letters, digits and -.!%*_+`'~ only." },
});

const EXCERPT = 60;

/** A short, printable piece of hostile text for an error sentence. */
export function excerpt(text: string): string {
  const cut = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}...` : text;
  // oxlint-disable-next-line no-control-regex -- control characters are what this replaces
  return `'${cut.replace(/[\x00-\x1f\x7f]/g, '?')}'`;
}
