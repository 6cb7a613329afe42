/** The methods an endpoint says it takes: the `methods` parameter of its Contact. RFC 3840 section 9, [MS-SIPRE] section 4.2. */

const MAX_METHODS = 64;
const MAX_LIST_LENGTH = 1024;
/** RFC 3261 section 25.1, token. */
const TOKEN = /^[\w\-.!%*+`'~]{1,32}$/;

/** What one endpoint accepts. Equal lists are one object: endpoints of one product say the same. */
export class MethodSet {
  constructor(readonly names: readonly string[]) {}

  /** True when the endpoint lists the method, and for every method when it lists none. */
  supports(method: string): boolean {
    return this.names.length === 0 || this.names.includes(method);
  }

  /** The list as it is kept in the store: comma separated, no blanks. */
  toString(): string {
    return this.names.join(',');
  }
}

/** An endpoint that did not list its methods. */
export const ALL_METHODS = new MethodSet([]);

/** Names in a `methods` value, quoted or not. What is no token is left out, and so is all behind the 64th name. */
export function methodNames(value: string): string[] {
  const names: string[] = [];
  for (const part of value.slice(0, MAX_LIST_LENGTH).replaceAll('"', '').split(',')) {
    const name = part.trim();
    if (names.length < MAX_METHODS && TOKEN.test(name) && !names.includes(name)) names.push(name);
  }
  return names;
}

/** Keeps one object for each spelling of a methods list; forgets nothing, but takes only so many. */
export class MethodSets {
  private readonly known = new Map<string, MethodSet>();

  constructor(private readonly limit = 1000) {}

  /** The set for a `methods` value as it stands in a Contact or in the store; '' means all. */
  of(value: string): MethodSet {
    if (value === '') return ALL_METHODS;
    const found = this.known.get(value);
    if (found !== undefined) return found;
    const names = methodNames(value);
    const set = names.length === 0 ? ALL_METHODS : new MethodSet(names);
    if (this.known.size < this.limit && value.length <= MAX_LIST_LENGTH) this.known.set(value, set);
    return set;
  }
}
