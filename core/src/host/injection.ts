/**
 * The only file that touches tsyringe and its polyfill. The polyfill has to be evaluated before tsyringe, whoever imports first:
 * plugins therefore take `inject` and `injectable` from here, by way of the SDK.
 */
import 'reflect-metadata';
import * as tsyringe from 'tsyringe';
import type { Class, Token } from './token.ts';

export interface InjectOptions {
  /** The parameter is undefined when nothing provides the token. */
  readonly optional?: boolean;
}

/** A parameter decorator that names what the container passes: a token, or a class of the same plugin. */
export function inject<T>(
  wanted: Token<T> | Class<T & object>,
  options: InjectOptions = {},
): (target: object, key: string | symbol | undefined, index: number) => void {
  const token = typeof wanted === 'function' ? wanted : symbolOf(wanted);
  const decorate = tsyringe.inject(token as tsyringe.InjectionToken<unknown>, { isOptional: options.optional === true });
  return (target, key, index) => {
    dependenciesOf(target)[index] = { wanted, optional: options.optional === true };
    decorate(target, key, index);
  };
}

/** A class decorator: the plugin's container may construct the class, and constructs it once. */
export function injectable(): (target: Class) => void {
  const decorate = tsyringe.injectable<unknown>();
  return (target) => {
    marked.add(target);
    decorate(target);
  };
}

interface Dependency {
  readonly wanted: Token<unknown> | Class;
  readonly optional: boolean;
}

const marked = new WeakSet<object>();
const dependencies = new WeakMap<object, Dependency[]>();

function dependenciesOf(target: object): Dependency[] {
  let list = dependencies.get(target);
  if (list === undefined) {
    list = [];
    dependencies.set(target, list);
  }
  return list;
}

function symbolOf(wanted: Token<unknown>): symbol {
  return Symbol.for(`parley.token.${wanted.name}`);
}
