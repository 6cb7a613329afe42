/** Typed names under which plugins offer objects to each other. */

/** A class that the container may construct. */
export type Class<T extends object = object> = new (...args: never[]) => T;

/**
 * The name of a service, with its type. Value and type share one identifier:
 * `export interface Directory {...}` and `export const Directory: Token<Directory> = token<Directory>('directory')`.
 * The name alone identifies it, so two copies of one `api.ts` in a dependency tree still mean the same service.
 */
export interface Token<T> {
  readonly name: string;
  /** Never set: it only carries the type. */
  readonly type?: T;
}

/** A token whose object is another class of the plugin than its handler. Made by `provide`. */
export interface Provided {
  readonly token: Token<unknown>;
  readonly implementation: Class;
}

const TOKEN_NAME = /^[a-z][a-z0-9.-]*$/;

/**
 * Makes a token.
 * @param name lower-case letters, digits, dots and hyphens; unique in the server, usually the plugin's name
 */
export function token<T>(name: string): Token<T> {
  if (!TOKEN_NAME.test(name))
    throw new TypeError(`token name "${name}" must be lower-case letters, digits, dots and hyphens, beginning with a letter`);
  return Object.freeze({ name });
}

/** Says that `implementation` is what others get for `wanted`. The class is constructed once, by the plugin's container. */
export function provide<T extends object>(wanted: Token<T>, implementation: Class<T>): Provided {
  return { token: wanted, implementation };
}
