/** Which event packages somebody at this server notifies of: what Allow-Events lists. RFC 6665 section 8.2.2. */

/** What answers that list event packages read: the 200 to a client's REGISTER, and every 489. */
export interface EventPackages {
  /** In the order in which plugins named them (`scope.eventPackage`), each once. */
  readonly names: readonly string[];
}

/** Several plugins may name one package; it stays until the last of them has gone. */
export class EventPackageList implements EventPackages {
  private entries: readonly { readonly name: string }[] = [];
  private known: readonly string[] = [];

  get names(): readonly string[] {
    return this.known;
  }

  /** Adds a package; the function that it returns takes it off again. */
  add(name: string): () => void {
    const entry = { name };
    this.use([...this.entries, entry]);
    return () => this.use(this.entries.filter((other) => other !== entry));
  }

  private use(entries: readonly { readonly name: string }[]): void {
    this.entries = entries;
    this.known = [...new Set(entries.map(({ name }) => name))];
  }
}
