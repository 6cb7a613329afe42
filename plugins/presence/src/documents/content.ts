/** A category document out of the request that brought it: the same bytes, readable by itself. [MS-PRES] S3. */
import { escapeXmlValue, sourceOf } from '@parley/sdk';
import type { XmlDocument, XmlElement } from '@parley/sdk';

const QUALIFIED = /^\s*([\p{L}_][\p{L}\p{N}_.-]*):[\p{L}_]/u;
const START = /^<[^\s/>]+/u;

/**
 * The text of `element` as it was sent. What it uses of namespaces that are declared around it, it declares itself from now on: only
 * then is something put in, behind its name.
 * @param outer elements around it, from the root inwards
 */
export function standaloneContent(document: XmlDocument, element: XmlElement, outer: readonly XmlElement[]): string {
  const text = sourceOf(document, element);
  const around = new Map([['', ''], ...outer.flatMap(({ declarations }) => declarations.map((d) => [d.prefix, d.namespace] as const))]);
  const used = new Set<string>();
  collect(element, new Set(), around, used);
  if (used.size === 0) return text;
  const declarations = [...used].map((prefix) => {
    const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
    return ` ${name}="${escapeXmlValue(around.get(prefix) ?? '')}"`;
  });
  return text.replace(START, (start) => start + declarations.join(''));
}

/** Adds to `used` the prefixes of `around` that are used in `element` and not declared in there before. Values may have prefixes, too. */
function collect(element: XmlElement, declared: ReadonlySet<string>, around: ReadonlyMap<string, string>, used: Set<string>): void {
  const inside = element.declarations.length === 0 ? declared : new Set([...declared, ...element.declarations.map((d) => d.prefix)]);
  const note = (prefix: string | undefined): void => {
    if (prefix !== undefined && !inside.has(prefix) && around.has(prefix)) used.add(prefix);
  };
  note(element.prefix);
  for (const { prefix, value } of element.attributes) {
    if (prefix !== '') note(prefix);
    note(QUALIFIED.exec(value)?.[1]);
  }
  for (const child of element.children) {
    if (typeof child === 'string') note(QUALIFIED.exec(child)?.[1]);
    else collect(child, inside, around, used);
  }
}
