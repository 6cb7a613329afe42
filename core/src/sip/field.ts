/** One header field of a message: where its line stands, and on demand its name and value. */
import { parseDigits } from './characters.ts';
import { headerId, type HeaderId } from './header-names.ts';

/** Line breaks of a folded field, with the white space after them. RFC 3261 section 7.3.1. */
const FOLD = /\r\n[ \t]+/g;

/**
 * One header field. Never changes, so messages that are copies of each other share it. Many fields share one text, the head of the
 * message they came in; a field of our own has a text for itself. Either way CRLF follows at `end`.
 */
export class Field {
  /** What a reader of this header made of the value; whoever puts it here takes it out again. */
  parsed: unknown = undefined;
  private cachedValue: string | undefined = undefined;

  constructor(
    readonly id: HeaderId,
    /** Set once more by the scan of a head, which finds the fields first. */
    public text: string,
    /** Where the line begins. */
    readonly start: number,
    /** After the name. */
    readonly nameEnd: number,
    /** Where the value stands, without white space around it. */
    readonly valueStart: number,
    readonly valueEnd: number,
    /** Before the CRLF that ends the field. */
    readonly end: number,
    /** True when the line breaks somewhere. */
    readonly folded: boolean,
  ) {}

  /** A field of our own. @param name the usual spelling; @param value without line breaks */
  static of(id: HeaderId, name: string, value: string): Field {
    const text = `${name}: ${value.trim()}\r\n`;
    return new Field(id, text, 0, name.length, name.length + 2, text.length - 2, text.length - 2, false);
  }

  /** A field of our own by any spelling of the name, which is kept. */
  static named(name: string, value: string): Field {
    return Field.of(headerId(name), name, value);
  }

  /** As written. */
  get name(): string {
    return this.text.slice(this.start, this.nameEnd);
  }

  /** Unfolded, without white space around it; a byte string. */
  get value(): string {
    return (this.cachedValue ??= this.readValue());
  }

  /** The lines as they stand on the wire, without the last CRLF. */
  get raw(): string {
    return this.text.slice(this.start, this.end);
  }

  /** True when this is the header of that number, or for number 0 of that lower-case name. */
  is(id: HeaderId, lowerName: string): boolean {
    return this.id === id && (id !== 0 || this.name.toLowerCase() === lowerName);
  }

  /** The value as a number, by parseDigits. */
  get digits(): number {
    return this.folded ? parseDigits(this.value) : parseDigits(this.text, this.valueStart, this.valueEnd);
  }

  /** Reads the value in place; a folded one is unfolded first. */
  read<T>(reader: (text: string, start: number, end: number) => T): T {
    return this.folded ? reader(this.value, 0, this.value.length) : reader(this.text, this.valueStart, this.valueEnd);
  }

  private readValue(): string {
    const value = this.text.slice(this.valueStart, this.valueEnd);
    return this.folded ? value.replace(FOLD, ' ').trim() : value;
  }
}
