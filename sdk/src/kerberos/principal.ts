/** Names of users and services. RFC 4120 sections 6.1 and 6.2; the text form is that of RFC 1964 section 2.1.1. */
import { DER } from './der.ts';
import type { DerReader } from './der.ts';
import { derField, derInteger, derSequence, der } from './der-writer.ts';
import { KerberosErrors } from './errors.ts';

/** A name within a realm: `['alice']` or `['sip', 'uc.example.com']`. */
export interface PrincipalName {
  /** NT-PRINCIPAL 1, NT-SRV-INST 2, NT-SRV-HST 3; a hint only. RFC 4120 section 6.2. */
  readonly type: number;
  readonly components: readonly string[];
}

/** A name with its realm. */
export interface Principal extends PrincipalName {
  readonly realm: string;
}

const MAX_COMPONENTS = 8;
const ESCAPED = /[\\/@]/g;
const NT_SRV_INST = 2;

/** `sip/uc.example.com@EXAMPLE.COM`; separators inside a component are escaped with a backslash. */
export function principalText({ components, realm }: Pick<Principal, 'components' | 'realm'>): string {
  return `${serviceText(components)}@${realm.replaceAll(ESCAPED, '\\$&')}`;
}

/** The same without the realm. */
export function serviceText(components: readonly string[]): string {
  return components.map((component) => component.replaceAll(ESCAPED, '\\$&')).join('/');
}

/**
 * Reads `service/host` as an operator writes it, with a realm or without; nothing is escaped there.
 * Throws KERBEROS_PRINCIPAL_MALFORMED.
 */
export function parseService(text: string): { readonly components: readonly string[]; readonly realm: string | undefined } {
  const match = /^([^\s/@\\]+)\/([^\s/@\\]+)(?:@([^\s/@\\]+))?$/.exec(text);
  if (match === null) throw KerberosErrors.KERBEROS_PRINCIPAL_MALFORMED({ found: text });
  const [, service, host, realm] = match;
  return { components: [service as string, host as string], realm };
}

/** Services are the same in any case, as in Active Directory; users are not compared here. */
export function sameService(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((component, i) => component.toLowerCase() === (b[i] as string).toLowerCase());
}

/** PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString }. Throws KERBEROS_DER_*. */
export function readPrincipalName(reader: DerReader): PrincipalName {
  return reader.inside(DER.sequence, (sequence) => ({
    type: sequence.field(0, (field) => field.integer()),
    components: sequence.field(1, (field) => field.inside(DER.sequence, (list) => list.list(MAX_COMPONENTS, (name) => name.text()))),
  }));
}

/** The encoding of a name; `type` is that of services when absent. */
export function writePrincipalName({
  components,
  type = NT_SRV_INST,
}: {
  readonly components: readonly string[];
  readonly type?: number;
}): Buffer {
  const strings = components.map((component) => der(DER.generalString, Buffer.from(component, 'utf8')));
  return derSequence(derField(0, derInteger(type)), derField(1, derSequence(...strings)));
}
