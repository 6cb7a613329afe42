/** The built-in variables and the members of their classes. Sheet mspl 4.5 and 4.6. */
import {
  EXTERNAL_SOURCE_NETWORK,
  EXTERNAL_SOURCE_TYPE,
  MESSAGE_ORIGIN,
  SERVER_ROLE,
  STANDARD_METHOD,
  ENUMERATIONS,
} from './enumerations.ts';
import type { Enumeration } from './enumerations.ts';
import { FIELD_DOCS, VARIABLE_DOCS } from './object-docs.ts';
import { BOOL, FLOAT, INTEGER, STRING, classType } from './types.ts';
import type { ClassName, Type } from './types.ts';

/** One member of a class. */
export interface Field {
  readonly type: Type;
  /** May be null on an object that is there. */
  readonly nullable: boolean;
  readonly writable: boolean;
  /** The class that has it first; the runtime's function is `Owner_Field`. */
  readonly owner: ClassName;
  /** One sentence. */
  readonly doc: string;
}

const enumTypes = new Map<Enumeration, Type>();

/** The type of an enumeration's members. */
export function enumType(enumeration: Enumeration): Type {
  let type = enumTypes.get(enumeration);
  if (type === undefined) enumTypes.set(enumeration, (type = { kind: 'enum', name: enumeration.name, enumeration }));
  return type;
}

type Fields = readonly (readonly [name: string, type: Type, traits?: 'nullable' | 'writable' | 'nullable writable'])[];

function fields(owner: ClassName, inherited: ReadonlyMap<string, Field> | undefined, own: Fields): ReadonlyMap<string, Field> {
  const all = new Map(inherited);
  for (const [name, type, traits = ''] of own) {
    const doc = FIELD_DOCS[`${owner}.${name}`] ?? '';
    all.set(name, { type, nullable: traits.includes('nullable'), writable: traits.includes('writable'), owner, doc });
  }
  return all;
}

const statusClass = enumType(ENUMERATIONS.get('StatusClass') as Enumeration);

const MESSAGE = fields('Message', undefined, [
  ['From', STRING],
  ['To', STRING],
  ['Content', STRING, 'writable'],
  ['Authenticated', BOOL],
  ['Transaction', classType('Transaction')],
  ['TlsPeer', STRING],
  ['Origin', enumType(MESSAGE_ORIGIN)],
  ['ExternalSourceType', enumType(EXTERNAL_SOURCE_TYPE)],
  ['ExternalSourceNetwork', enumType(EXTERNAL_SOURCE_NETWORK)],
  ['Stamp', STRING, 'nullable writable'],
  ['StampPool', STRING, 'nullable'],
]);

/** Members by class. */
export const CLASSES: Readonly<Record<ClassName, ReadonlyMap<string, Field>>> = {
  Message: MESSAGE,
  Request: fields('Request', MESSAGE, [
    ['Method', STRING],
    ['StandardMethod', enumType(STANDARD_METHOD)],
    ['RequestUri', STRING, 'writable'],
  ]),
  Response: fields('Response', MESSAGE, [
    ['StatusCode', INTEGER],
    ['StatusClass', statusClass],
    ['StatusReasonPhrase', STRING],
  ]),
  Transaction: fields('Transaction', undefined, [
    ['Request', classType('Request')],
    ['MarshalContent', BOOL, 'writable'],
  ]),
  TargetInfo: fields('TargetInfo', undefined, [
    ['Uri', STRING],
    ['Aor', STRING],
    ['Instance', STRING, 'nullable'],
    ['IsPhone', BOOL],
    ['DomainSupported', BOOL],
  ]),
  SourceInfo: fields('SourceInfo', undefined, [
    ['Aor', STRING],
    ['IsPhone', BOOL],
    ['Instance', STRING, 'nullable'],
  ]),
  RegistrarEndpoint: fields('RegistrarEndpoint', undefined, [
    ['EPID', STRING],
    ['Instance', STRING, 'nullable'],
    ['StandardMethods', INTEGER],
    ['ExtraMethods', STRING],
    ['ContactInfo', STRING],
    // Office Communications Server 2007 had these; scripts of that time read them.
    ['HasPresence', BOOL],
    ['Availability', INTEGER],
    ['Activity', INTEGER],
    ['AgeOfPresence', INTEGER],
    ['WeightedQValue', FLOAT],
    ['PresenceDoc', STRING],
    ['AllSupportForking', BOOL],
    ['SupportsForking', BOOL],
  ]),
};

/** A variable that is there without being assigned. */
export interface BuiltinVariable {
  readonly type: Type;
  /** JavaScript that reads it off the run's state `s`. */
  readonly code: string;
  readonly nullable: boolean;
  /** One sentence or two. */
  readonly doc: string;
}

/** The loop variable of a foreach over QueryEndpoints. */
export const ENDPOINT_VARIABLE = 'dbEndpoint';

function variable(name: string, type: Type, code: string, nullable = false): readonly [string, BuiltinVariable] {
  return [name, { type, code, nullable, doc: VARIABLE_DOCS[name] ?? '' }];
}

/** By name. */
export const BUILTIN_VARIABLES: ReadonlyMap<string, BuiltinVariable> = new Map([
  variable('sipMessage', classType('Message'), 's.message'),
  variable('sipRequest', classType('Request'), 's.request', true),
  variable('sipResponse', classType('Response'), 's.response', true),
  variable('RequestTarget', classType('TargetInfo'), 's.target'),
  variable('RequestSource', classType('SourceInfo'), 's.source'),
  variable('FQDN', STRING, 's.environment.fqdn'),
  variable('ServerPool', STRING, 's.environment.pool'),
  variable('Role', enumType(SERVER_ROLE), 's.role'),
]);
