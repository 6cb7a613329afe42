/** Reading the attributes of one manifest element: required ones, lists, true and false, and what should not be there. */
import { ManifestErrors as E } from './errors.ts';
import type { DiagnosticList } from './diagnostic.ts';
import type { XmlAttribute, XmlElement } from './manifest-xml.ts';
import { hint, nearestName } from './nearest-name.ts';

const EXCERPT = 80;

/** The values of a list attribute. */
export interface ListValues {
  readonly attribute: XmlAttribute;
  readonly values: readonly string[];
}

export class ElementReader {
  constructor(
    readonly element: XmlElement,
    private readonly list: DiagnosticList,
  ) {}

  /** The attribute of that name; undefined without one. */
  attribute(name: string): XmlAttribute | undefined {
    return this.element.attributes.find((attribute) => attribute.name === name);
  }

  /** The value of an attribute that has to be there; '' after a report that it is not. */
  required(name: string, instead: string): string {
    const value = this.attribute(name)?.value.trim();
    if (value === undefined || value === '') {
      this.list.error(E.MSPL_ATTRIBUTE_MISSING({ element: this.element.name, name, instead }), this.element);
    }
    return value ?? '';
  }

  /** Reports attributes other than these: a misspelt one as an error, because its filter would not apply. */
  allow(...names: string[]): void {
    for (const attribute of this.element.attributes) {
      if (names.includes(attribute.name)) continue;
      const error = E.MSPL_UNKNOWN_ATTRIBUTE({ element: this.element.name, name: attribute.name, hint: hint(attribute.name, names) });
      const { start, end } = attribute;
      const span = { start: Math.max(0, start - attribute.name.length - 2), end: end + 1 };
      if (nearestName(attribute.name, names) === undefined) this.list.warning(error, span);
      else this.list.error(error, span);
    }
  }

  /** True or false; undefined when absent, or after a report that it is neither. */
  boolean(name: string): boolean | undefined {
    const attribute = this.attribute(name);
    const value = attribute?.value.trim().toLowerCase();
    if (attribute === undefined || value === 'true' || value === 'false') return value === undefined ? undefined : value === 'true';
    this.notAllowed(attribute, attribute.value, ['true', 'false']);
    return undefined;
  }

  /** One of several words, in any case. */
  word<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const attribute = this.attribute(name);
    if (attribute === undefined) return undefined;
    const value = attribute.value.trim().toLowerCase();
    const found = allowed.find((candidate) => candidate.toLowerCase() === value);
    if (found === undefined) this.notAllowed(attribute, attribute.value, allowed);
    return found;
  }

  /** A comma list of words. One of another case is taken with a warning, any other is reported. */
  words(name: string, allowed: readonly string[]): ListValues | undefined {
    const attribute = this.attribute(name);
    if (attribute === undefined) return undefined;
    const values: string[] = [];
    for (const item of attribute.value.split(',').map((word) => word.trim())) {
      const found = allowed.find((candidate) => candidate.toLowerCase() === item.toLowerCase());
      if (found === undefined) this.notAllowed(attribute, item, allowed);
      else {
        if (found !== item) this.list.warning(E.MSPL_VALUE_CASE({ found: item, wanted: found }), attribute);
        values.push(found);
      }
    }
    return { attribute, values };
  }

  /** Reports one of `alone` that stands in a list with others. */
  aloneOnly({ attribute, values }: ListValues, alone: readonly string[]): void {
    const found = values.find((value) => alone.includes(value));
    if (found !== undefined && values.length > 1) this.list.error(E.MSPL_VALUE_ALONE({ found, name: attribute.name }), attribute);
  }

  notAllowed(attribute: XmlAttribute, found: string, allowed: readonly string[]): void {
    const shown = `"${found.slice(0, EXCERPT)}"`;
    this.list.error(
      E.MSPL_VALUE({ name: attribute.name, found: shown, allowed: allowed.join(', '), hint: hint(found, allowed) }),
      attribute,
    );
  }
}
