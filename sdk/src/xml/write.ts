/** Writes XML: text is escaped by itself, and only what is known to be markup is taken as markup. XML 1.0 sections 2.2, 2.4, 3.3.3. */

/** Finished markup, put into other markup as it is. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in an element: text and numbers, markup, lists of these, or nothing. */
export type XmlContent = string | number | Markup | undefined | readonly XmlContent[];

/** Names with prefix, `xmlns` and `xmlns:p` included, in this order; those without a value are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

const NAME = /^[\p{L}_][\p{L}\p{N}_.-]*(:[\p{L}_][\p{L}\p{N}_.-]*)?$/u;
/** What XML 1.0 cannot hold in any spelling, lone surrogates included. */
const UNWRITABLE = /(?![\t\n\r\u007f-\u009f])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu;
const REPLACEMENT = '\ufffd';
// A carriage return that is not escaped comes out of the next parser as a line feed; white space in attributes as blanks.
const TEXT_ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const VALUE_ESCAPES: Readonly<Record<string, string>> = { ...TEXT_ESCAPES, '"': '&quot;', '\n': '&#xA;', '\t': '&#x9;' };

/** Text that stands for itself, between tags and in attributes; nearly all of it does. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

/** Text as it stands between tags. What XML cannot hold becomes U+FFFD. */
export function escapeXmlText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNWRITABLE, REPLACEMENT).replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] as string);
}

/** Text as it stands between the double quotes of an attribute. */
export function escapeXmlValue(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNWRITABLE, REPLACEMENT).replace(/[&<>"\r\n\t]/g, (character) => VALUE_ESCAPES[character] as string);
}

/**
 * An element: `xmlElement('wst:TokenType', {}, 'urn:x')`. Namespaces are declared where the caller declares them, so that the
 * result is the same to the byte wherever it is put. Throws a TypeError for a name that is none.
 */
export function xmlElement(name: string, attributes: XmlAttributes = {}, ...content: readonly XmlContent[]): Markup {
  let start = `<${checked(name)}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) start += ` ${checked(key)}="${escapeXmlValue(String(value))}"`;
  }
  const inner = contentText(content);
  return new Markup(inner === '' ? `${start}/>` : `${start}>${inner}</${name}>`);
}

/** A whole document, to be sent in UTF-8. */
export function xmlDocument(root: Markup): string {
  return `<?xml version="1.0" encoding="utf-8"?>${root.text}`;
}

function contentText(content: XmlContent): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(contentText).join('');
  return escapeXmlText(String(content));
}

/** Names that were found good; they come from code, and are few. */
const goodNames = new Set<string>();
const MAX_GOOD_NAMES = 1000;

function checked(name: string): string {
  if (goodNames.has(name)) return name;
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no XML name`);
  if (goodNames.size < MAX_GOOD_NAMES) goodNames.add(name);
  return name;
}
