/** The list behind Allow-Events. */
import { injectable } from '@parley/sdk';
import type { EventPackages } from './api.ts';

/** Several plugins may add one name; it stays until the last of them has taken it back. */
@injectable()
export class EventPackageList implements EventPackages {
  private entries: readonly { readonly name: string }[] = [];

  add(name: string): () => void {
    const entry = { name };
    this.entries = [...this.entries, entry];
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  get names(): readonly string[] {
    return [...new Set(this.entries.map((entry) => entry.name))];
  }
}
