/** The header fields of a message, in order. RFC 3261 section 7.3. */
import { requireLine } from './byte-text.ts';
import { TOKEN, isAll } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Field } from './field.ts';
import { headerId, headerName, type HeaderId, type HeaderKey } from './header-names.ts';
import { firstElementEnd, splitList } from './list.ts';

/** Header fields: found by number or name, changed one by one. What is not changed stays as it came. */
export abstract class HeaderFields {
  /** @param fields in order; change them by the methods only */
  protected constructor(protected fields: Field[]) {}

  /** The header fields in order, for those who list them all. */
  get headers(): readonly Field[] {
    return this.fields;
  }

  /** Value of the first field of that name, unfolded and trimmed. */
  first(header: HeaderKey): string | undefined {
    return this.firstField(header)?.value;
  }

  /** Value of each field of that name, in order. */
  all(header: HeaderKey): string[] {
    const values: string[] = [];
    for (const field of this.fieldsOf(header)) values.push(field.value);
    return values;
  }

  /** Comma-separated elements of all fields of that name. For headers whose grammar is a list only: a date has commas too. */
  list(header: HeaderKey): string[] {
    const values = this.all(header);
    return values.length === 1 ? splitList(values[0] as string) : values.flatMap(splitList);
  }

  has(header: HeaderKey): boolean {
    return this.indexOf(header) >= 0;
  }

  /** Number of fields of that name, not of list elements. */
  count(header: HeaderKey): number {
    return this.fieldsOf(header).length;
  }

  /** Replaces the first field of that name and drops the others; added at the end if there is none. Throws SIP_NOT_BYTES, SIP_NOT_TOKEN. */
  set(header: HeaderKey, value: string): void {
    const index = this.indexOf(header);
    if (index < 0) {
      this.insert(this.fields.length, header, value);
      return;
    }
    const old = this.fields[index] as Field;
    const lowerName = old.name.toLowerCase();
    this.fields[index] = Field.of(old.id, old.name, requireLine(value, old.name));
    for (let i = this.fields.length - 1; i > index; i--) {
      if ((this.fields[i] as Field).is(old.id, lowerName)) this.fields.splice(i, 1);
    }
    this.forget(old.id);
  }

  /** A new field after the last of its name, or at the end. Throws SIP_NOT_BYTES, SIP_NOT_TOKEN. */
  append(header: HeaderKey, value: string): void {
    const last = this.lastIndexOf(header);
    this.insert(last < 0 ? this.fields.length : last + 1, header, value);
  }

  /** A new field before the first of its name, or on top. Throws SIP_NOT_BYTES, SIP_NOT_TOKEN. */
  prepend(header: HeaderKey, value: string): void {
    this.insert(Math.max(0, this.indexOf(header)), header, value);
  }

  /** Drops every field of that name; true if there was one. */
  remove(header: HeaderKey): boolean {
    const [id, lowerName] = resolve(header);
    const kept = this.fields.filter((field) => !field.is(id, lowerName));
    if (kept.length === this.fields.length) return false;
    this.fields = kept;
    this.forget(id);
    return true;
  }

  /** Takes off the first list element of that header (the top Via, the top Route) and returns it. */
  shift(header: HeaderKey): string | undefined {
    const index = this.indexOf(header);
    if (index < 0) return undefined;
    const field = this.fields[index] as Field;
    const { value } = field;
    const end = value.includes(',') ? firstElementEnd(value) : value.length;
    const rest = value.slice(end + 1).trim();
    if (rest === '') this.fields.splice(index, 1);
    else this.fields[index] = Field.of(field.id, field.name, rest);
    this.forget(field.id);
    return value.slice(0, end).trim();
  }

  /** Replaces the first list element of that header and leaves what is behind it as it is. False when there is no such header. Throws SIP_NOT_BYTES. */
  replaceFirst(header: HeaderKey, element: string): boolean {
    const index = this.indexOf(header);
    if (index < 0) return false;
    const { id, name, value } = this.fields[index] as Field;
    const rest = value.includes(',') ? value.slice(firstElementEnd(value)) : '';
    this.fields[index] = Field.of(id, name, requireLine(element + rest, name));
    this.forget(id);
    return true;
  }

  /** A new field at the end, whatever others of its name there are. */
  protected add(header: HeaderKey, value: string): void {
    this.insert(this.fields.length, header, value);
  }

  private insert(index: number, header: HeaderKey, value: string): void {
    const id = typeof header === 'number' ? header : headerId(header);
    const name = id === 0 ? requireToken(header) : headerName(id);
    this.fields.splice(index, 0, Field.of(id, name, requireLine(value, name)));
    this.forget(id);
  }

  /** Called with the number of a header whose fields have changed. */
  protected abstract forget(id: HeaderId): void;

  protected firstField(header: HeaderKey): Field | undefined {
    const index = this.indexOf(header);
    return index < 0 ? undefined : this.fields[index];
  }

  /** The fields of that name, in order. */
  private fieldsOf(header: HeaderKey): Field[] {
    const [id, lowerName] = resolve(header);
    const found: Field[] = [];
    for (const field of this.fields) {
      if (field.is(id, lowerName)) found.push(field);
    }
    return found;
  }

  private indexOf(header: HeaderKey): number {
    const { fields } = this;
    if (typeof header === 'number') {
      for (let i = 0; i < fields.length; i++) {
        if ((fields[i] as Field).id === header) return i;
      }
      return -1;
    }
    const [id, lowerName] = resolve(header);
    return fields.findIndex((field) => field.is(id, lowerName));
  }

  private lastIndexOf(header: HeaderKey): number {
    const [id, lowerName] = resolve(header);
    return this.fields.findLastIndex((field) => field.is(id, lowerName));
  }
}

function resolve(header: HeaderKey): [HeaderId, string] {
  if (typeof header === 'number') return [header, ''];
  const id = headerId(header);
  return [id, id === 0 ? header.toLowerCase() : ''];
}

function requireToken(name: HeaderKey): string {
  if (typeof name === 'string' && isAll(TOKEN, name)) return name;
  throw SipErrors.SIP_NOT_TOKEN({ found: excerpt(String(name)) });
}
