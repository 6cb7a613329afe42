/**
 * The only file that touches tsyringe and its polyfill. The polyfill has to be evaluated before tsyringe, whoever imports first:
 * plugins therefore take `inject` and `injectable` from here, by way of the SDK.
 */
import 'reflect-metadata';
import * as tsyringe from 'tsyringe';
import type { Class, Token } from './token.ts';

/** How a constructor parameter is injected. */
export interface InjectOptions {
  /** The parameter is undefined when nothing provides the token. */
  readonly optional?: boolean;
}

/** What a constructor parameter asks for. */
export interface Dependency {
  /** undefined when a decorator ran before its argument's module had been evaluated. */
  readonly wanted: Token<unknown> | Class | undefined;
  readonly optional: boolean;
}

const injectables = new WeakSet<object>();
const dependencies = new WeakMap<object, (Dependency | undefined)[]>();

/** A parameter decorator that names what the container passes: a token, or a class of the same plugin. */
export function inject<T>(
  wanted: Token<T> | Class<T & object>,
  options: InjectOptions = {},
): (target: object, key: string | symbol | undefined, index: number) => void {
  const optional = options.optional === true;
  return (target, key, index) => {
    const list = dependencies.get(target) ?? [];
    list[index] = { wanted: wanted as Dependency['wanted'], optional };
    dependencies.set(target, list);
    tsyringe.inject(keyOf(wanted), { isOptional: optional })(target, key, index);
  };
}

/** A class decorator: the plugin's container may construct the class, and constructs it once. */
export function injectable(): (target: Class) => void {
  const decorate = tsyringe.injectable<unknown>();
  return (target) => {
    injectables.add(target);
    decorate(target);
  };
}

export function isInjectable(target: Class): boolean {
  return injectables.has(target);
}

/** By position; a hole is a parameter without `@inject`. */
export function dependenciesOf(target: Class): readonly (Dependency | undefined)[] {
  return dependencies.get(target) ?? [];
}

/** A tsyringe container with our tokens, and one instance of each class. */
export class Injector {
  private readonly made = new Set<Class>();

  constructor(private readonly container: tsyringe.DependencyContainer = tsyringe.container.createChildContainer()) {}

  child(): Injector {
    return new Injector(this.container.createChildContainer());
  }

  offer<T>(wanted: Token<T>, instance: T): void {
    this.container.registerInstance<unknown>(keyOf(wanted), instance);
  }

  alias(wanted: Token<unknown>, implementation: Class): void {
    this.container.register(keyOf(wanted), { useToken: keyOf(implementation) });
  }

  has(wanted: Token<unknown>): boolean {
    return this.container.isRegistered(keyOf(wanted), true);
  }

  isMade(wanted: Class): boolean {
    return this.made.has(wanted);
  }

  make(wanted: Class): void {
    const constructor = wanted as tsyringe.InjectionToken<object> & (new (...args: unknown[]) => object);
    this.container.registerSingleton(constructor);
    this.container.resolve(constructor);
    this.made.add(wanted);
  }

  get<T>(wanted: Token<T> | Class<T & object>): T {
    return this.container.resolve<T>(keyOf(wanted) as tsyringe.InjectionToken<T>);
  }
}

/** A token is known by its name, so that two copies of a module mean the same one. */
function keyOf(wanted: Token<unknown> | Class | undefined): tsyringe.InjectionToken<unknown> {
  if (wanted === undefined) return Symbol('undefined');
  return typeof wanted === 'function' ? wanted : Symbol.for(`parley.token.${wanted.name}`);
}
