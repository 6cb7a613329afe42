/** `${...}` in scenario files: what they stand for, and how texts with them are compared. */

/** Gives the value of a name that the scenario does not make up itself: `domain`, `alice contact`; undefined for all others. */
export type KnownNames = (name: string) => string | undefined;

const PLACEHOLDER = /(?<!\$)\$\{([^}]*)\}/g;
/** `$${` stands for the text `${`. */
const ESCAPED = '$${';

/** The values that names have got so far. */
export class Placeholders {
  private readonly values = new Map<string, string>();
  private made = 0;

  constructor(
    private readonly known: KnownNames,
    private readonly random: () => number,
  ) {}

  /** The text with every placeholder replaced; names without a value get one that is made up. */
  fill(text: string): string {
    const filled = text.replaceAll(PLACEHOLDER, (_all, name: string) => this.known(name) ?? this.values.get(name) ?? this.makeUp(name));
    return filled.replaceAll(ESCAPED, () => '${');
  }

  /** Whether `found` is what `wanted` says. Names in it without a value get theirs; when it is not, none does. */
  matches(wanted: string, found: string): boolean {
    const names: string[] = [];
    const pattern = wanted.split(PLACEHOLDER).map((part, index) => {
      if (index % 2 === 0) return escape(part.replaceAll(ESCAPED, () => '${'));
      if (part === '*') return '[^]*';
      const value = this.known(part) ?? this.values.get(part);
      if (value !== undefined) return escape(value);
      const before = names.indexOf(part);
      if (before >= 0) return `\\${before + 1}`;
      names.push(part);
      return '([^]+?)';
    });
    const match = new RegExp(`^${pattern.join('')}$`).exec(found);
    if (match === null) return false;
    names.forEach((name, index) => this.values.set(name, match[index + 1] ?? ''));
    return true;
  }

  private makeUp(name: string): string {
    const value = `${(++this.made).toString(36)}x${Math.floor(this.random() * 2 ** 40).toString(36)}`;
    this.values.set(name, value);
    return value;
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
