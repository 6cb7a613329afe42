/** The types that the compiler knows a value to have. Sheet mspl 4.3. Any value may be null at run time besides. */
import type { Enumeration } from './enumerations.ts';

/** `unknown` is what a fault that was reported already leaves behind; it goes with everything. `null` is a value that is always null. */
export type ScalarName = 'string' | 'integer' | 'float' | 'bool' | 'null' | 'unknown' | 'nothing';

/** A class of objects that scripts see. */
export type ClassName = 'Message' | 'Request' | 'Response' | 'Transaction' | 'TargetInfo' | 'SourceInfo' | 'RegistrarEndpoint';

/** The type of an expression of MSPL. */
export type Type =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'enum'; readonly name: string; readonly enumeration: Enumeration }
  | { readonly kind: 'class'; readonly name: ClassName }
  | { readonly kind: 'collection'; readonly name: string; readonly of: Type };

const scalar = (name: ScalarName): Type => ({ kind: 'scalar', name });

// One object a type, so that types compare by identity.
export const STRING = scalar('string');
export const INTEGER = scalar('integer');
export const FLOAT = scalar('float');
export const BOOL = scalar('bool');
/** Only ever null. */
export const NULL = scalar('null');
/** Not known, because of an error; nothing more is said of it. */
export const UNKNOWN = scalar('unknown');
/** What a function without a `return` value gives. */
export const NOTHING = scalar('nothing');

const classes = new Map<ClassName, Type>();
const collections = new Map<Type, Type>();

/** The type of the objects of a built-in class. */
export function classType(name: ClassName): Type {
  let type = classes.get(name);
  if (type === undefined) classes.set(name, (type = { kind: 'class', name }));
  return type;
}

/** The type of a collection whose elements are of one type. */
export function collectionOf(element: Type): Type {
  let type = collections.get(element);
  if (type === undefined) collections.set(element, (type = { kind: 'collection', name: `collection of ${element.name}`, of: element }));
  return type;
}

/** A type for an error sentence: "a string", "an integer", "a Request". */
export function describeType(type: Type): string {
  if (type === NULL || type === NOTHING) return type.name;
  return /^[aeiou]/i.test(type.name) ? `an ${type.name}` : `a ${type.name}`;
}
