/** Keeps secrets out of the log: by the names of fields, and by what credentials look like inside texts. */

/** Field names whose values are never written, wherever they stand in a log line. */
export const SECRET_FIELDS = [
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'accessToken',
  'apiKey',
  'privateKey',
  'authorization',
  'proxyAuthorization',
  'credentials',
  'cookie',
  'setCookie',
  'ha1',
] as const;

/** Depth to which field names are looked for by path. */
const DEPTH = 4;

/** pino's paths: each name at the top and under up to three other fields, as written and as SIP and HTTP headers are. */
export function redactedPaths(): string[] {
  const names = SECRET_FIELDS.flatMap((field) => [field, headerStyle(field), headerStyle(field).toLowerCase()]);
  return [...new Set(names)].flatMap((name) =>
    Array.from({ length: DEPTH }, (_, depth) => `${'*.'.repeat(depth)}${name.includes('-') ? `["${name}"]` : name}`.replace('.[', '[')),
  );
}

/** `proxyAuthorization` as `Proxy-Authorization`. */
function headerStyle(name: string): string {
  return name.replace(/^./, (c) => c.toUpperCase()).replaceAll(/(?<=[a-z])[A-Z]/g, (c) => `-${c}`);
}

/** One character of a text inside a JSON string, line breaks left out. */
const CHAR = String.raw`(?:[^"\\]|\\(?:["\\/bft]|u[0-9a-fA-F]{4}))`;
/** A folded line (RFC 3261 section 7.3.1) goes on after a line break and a space. */
const FOLD = String.raw`(?:(?:\\r)?\\n(?: |\\t))`;
const HIDDEN = '[redacted]';

/** What is looked for in a finished line, which is JSON: line breaks are \r and \n, quotes are \". */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // a field that the paths did not reach, such as one deep in an error
  [
    new RegExp(
      `("[\\w-]*(?:passw(?:or)?d|passphrase|secret|authorization|cookie|private_?key|api_?key)":)"${CHAR}*(?:\\\\[rn]${CHAR}*)*"`,
      'gi',
    ),
    `$1"${HIDDEN}"`,
  ],
  // SIP and HTTP headers inside a message
  [new RegExp(`((?:proxy-)?authorization|(?:set-)?cookie)(\\s*:\\s*)(?:${CHAR}|${FOLD})+`, 'gi'), `$1$2${HIDDEN}`],
  // SDP: keys of RFC 4568, k= of RFC 4566, ICE passwords
  [/(inline:)[A-Za-z0-9+/=|:]+/g, `$1${HIDDEN}`],
  [new RegExp(`(\\\\n|")(k=)${CHAR}+`, 'g'), `$1$2${HIDDEN}`],
  [new RegExp(`(a=(?:ice-pwd|key-mgmt):)${CHAR}+`, 'g'), `$1${HIDDEN}`],
  // user:password@ in URLs and SIP URIs
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*):[^\s@/"\\]+@/gi, `$1:${HIDDEN}@`],
  [/(\bsips?:[^\s:@"<>;\\]+):[^\s@"<>\\]+@/gi, `$1:${HIDDEN}@`],
  // password=... in connection strings, command lines and errors
  [/(\b\w*(?:passw(?:or)?d|passphrase|secret)\s*=\s*)(?:\\"(?:[^"\\]|\\[^"])*\\"|[^\s,;&"\\]+)/gi, `$1${HIDDEN}`],
  [/\b(Bearer|Basic|Negotiate|NTLM|Kerberos|TLS-DSK)( +)[A-Za-z0-9+/=._~-]{16,}/g, `$1$2${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/g, HIDDEN],
];

/** A finished line of the log without the secrets that stand inside its texts. */
export function redactLine(line: string): string {
  let clean = line;
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}
