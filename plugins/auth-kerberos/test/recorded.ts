/** Recorded sign-ins: real tickets with the keys that open them, and the time at which they were good. */
import { readFileSync } from 'node:fs';
import { Keytab } from '@parley/sdk';

/** A REGISTER that an OCS client sent when it was challenged. */
export interface RecordedSignIn {
  readonly enctype: string;
  /** When it was recorded, milliseconds since 1970. */
  readonly time: number;
  readonly keytab: Keytab;
  /** The bytes of the keytab file. */
  readonly keytabBytes: Buffer;
  /** As it came, CRLF line ends. */
  readonly register: string;
  /** Parameters of its Authorization header, unquoted. */
  readonly authorization: Readonly<Record<string, string>>;
  /** Decoded gssapi-data. */
  readonly token: Buffer;
  /** What the client signed, built from the message as [MS-SIPAE] section 3.6 says. */
  readonly signed: string;
}

interface RecordedFile {
  readonly signIns: readonly {
    readonly enctype: string;
    readonly time: string;
    readonly keytab: string;
    readonly register: readonly string[];
  }[];
  readonly http: { readonly time: string; readonly keytab: string; readonly authorization: string };
}

const file = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as RecordedFile;

/** One of each encryption type. */
export const recordedSignIns: readonly RecordedSignIn[] = file.signIns.map(({ enctype, time, keytab, register }) => {
  const text = register.join('\r\n');
  const authorization = parametersOf(headerOf(text, 'Authorization'));
  const keytabBytes = Buffer.from(keytab, 'base64');
  return {
    enctype,
    time: Date.parse(time),
    keytab: Keytab.parse(keytabBytes, enctype),
    keytabBytes,
    register: text,
    authorization,
    token: Buffer.from(authorization['gssapi-data'] as string, 'base64'),
    signed: signedOf(text, authorization),
  };
});

/** What curl sent to `http://localhost/`. */
export const recordedHttp = {
  time: Date.parse(file.http.time),
  keytab: Keytab.parse(Buffer.from(file.http.keytab, 'base64'), 'http'),
  token: Buffer.from(file.http.authorization.replace('Negotiate ', ''), 'base64'),
} as const;

function headerOf(message: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1]?.trim() ?? '';
}

function parametersOf(value: string): Record<string, string> {
  return Object.fromEntries(
    [...value.matchAll(/([\w-]+)=(?:"([^"]*)"|([^",\s]+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare ?? '']),
  );
}

/** Only as much as these messages need: no identities, no Expires. */
function signedOf(message: string, authorization: Record<string, string>): string {
  const from = headerOf(message, 'From');
  const uri = /<(.*?)>/.exec(from)?.[1] ?? '';
  const tag = /tag=([^;]*)/.exec(from)?.[1] ?? '';
  const to = /<(.*?)>/.exec(headerOf(message, 'To'))?.[1] ?? '';
  const [number, method] = headerOf(message, 'CSeq').split(' ');
  const { crand, cnum, realm, targetname } = authorization;
  return ['Kerberos', crand, cnum, realm, targetname, headerOf(message, 'Call-ID'), number, method, uri, tag, to, '', '', '', '']
    .map((field) => `<${field}>`)
    .join('');
}
