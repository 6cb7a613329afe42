/** Keeps secrets out of the log: by the names of fields wherever they stand, and by what credentials look like inside texts. */

/**
 * Parts of the names that secrets go by, in any spelling: newPassword, proxy-authorization, client_secret. Every repetition here and
 * below has a bound: what strangers send ends up in log lines, and must not make a search quadratic.
 */
const SECRET_NAME = String.raw`[\w-]{0,32}(?:passw(?:or)?d|pwd|passphrase|secret|authorization|cookie|credentials|private[-_]?key|api[-_]?key|access[-_]?token|ha1)[\w-]{0,32}`;
const SECRET_FIELD = new RegExp(`^${SECRET_NAME}$`, 'i');
const HIDDEN = '[redacted]';

const QUOTED = String.raw`"(?:[^"\\]|\\.){0,4096}"|'[^']{0,4096}'`;

/** What credentials look like in a text, with what stands in their place. Line breaks may be escaped: messages get quoted inside others. */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // header fields of a SIP or HTTP message, folded lines too (RFC 3261 section 7.3.1)
  [/(?:\b|(?<=\\n))((?:proxy-)?authorization|(?:set-)?cookie)([ \t]*:[ \t]*)[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*/gi, `$1$2${HIDDEN}`],
  // SDP: RFC 4568, RFC 4567, RFC 8839, and k= of RFC 4566
  [/(inline:)[^\s;\\]+/g, `$1${HIDDEN}`],
  [/((?:^|\\n)(?:k=|a=ice-pwd:|a=key-mgmt:))[^\r\n\\]+/gm, `$1${HIDDEN}`],
  // user:password@ in a URL or a SIP URI
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"]{0,256}):[^\s@/"]{1,256}@/gi, `$1:${HIDDEN}@`],
  [/(\bsips?:[^\s:@"<>;]{1,256}):[^\s@"<>]{1,256}@/gi, `$1:${HIDDEN}@`],
  // password=... in connection strings and command lines
  [new RegExp(`\\b(${SECRET_NAME}\\s*=\\s*)(?:${QUOTED}|[^\\s,;&]+)`, 'gi'), `$1${HIDDEN}`],
  // JSON inside a text
  [new RegExp(`("${SECRET_NAME}"\\s*:\\s*)(?:${QUOTED}|\\{[^}]{0,4096}\\}|\\[[^\\]]{0,4096}\\]|[^\\s,}]+)`, 'gi'), `$1"${HIDDEN}"`],
  [/\b(Bearer|Basic|Negotiate|NTLM|Kerberos|TLS-DSK)( +)[A-Za-z0-9+/=._~-]{16,}/g, `$1$2${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
];

/** A finished line of the log, which is JSON, without its secrets. */
export function redactLine(line: string): string {
  return `${JSON.stringify(JSON.parse(line, (name, value: unknown) => redactValue(name, value)))}\n`;
}

/** A text without what looks like a credential in it. */
export function redactText(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

function redactValue(name: string, value: unknown): unknown {
  if (SECRET_FIELD.test(name)) return HIDDEN;
  return typeof value === 'string' ? redactText(value) : value;
}
