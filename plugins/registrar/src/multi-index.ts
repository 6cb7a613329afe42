/** A map from keys to one or several values. Nearly every key has one, and then costs no set. */
export class MultiIndex<Key, Value extends object> {
  private readonly entries = new Map<Key, Value | Set<Value>>();

  add(key: Key, value: Value): void {
    const found = this.entries.get(key);
    if (found === undefined) this.entries.set(key, value);
    else if (found instanceof Set) found.add(value);
    else if (found !== value) this.entries.set(key, new Set([found, value]));
  }

  delete(key: Key, value: Value): void {
    const found = this.entries.get(key);
    if (found === value) this.entries.delete(key);
    else if (found instanceof Set && found.delete(value) && found.size === 0) this.entries.delete(key);
  }

  /** A copy: the index may change while it is walked through. */
  get(key: Key): readonly Value[] {
    const found = this.entries.get(key);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  /** Number of keys. */
  get size(): number {
    return this.entries.size;
  }
}
