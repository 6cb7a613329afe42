/** Phone numbers in one spelling: E.164 with an optional extension, as `tel:` URIs carry them. RFC 3966. */

const URI_SCHEME = /^tel:/i;
/** RFC 3966 section 5.1.1: visual separators mean nothing; people also write spaces. */
const VISUAL_SEPARATORS = /[-.() ]/g;
/** E.164: a country code that does not begin with 0, fifteen digits at most. */
const GLOBAL_NUMBER = /^\+[1-9]\d{2,14}$/;
const EXTENSION = /^\d{1,10}$/;

/**
 * `tel:+1 (425) 555-0100;ext=7` becomes `+14255550100;ext=7`. Undefined when it is not a global number:
 * what a local one means depends on who dials it, which is for dial plans to say. Other parameters are dropped.
 */
export function normalisePhone(text: string): string | undefined {
  const [number = '', ...parameters] = text.trim().replace(URI_SCHEME, '').split(';');
  const digits = number.replace(VISUAL_SEPARATORS, '');
  if (!GLOBAL_NUMBER.test(digits)) return undefined;
  const extension = parameters
    .find((p) => /^ext=/i.test(p))
    ?.slice('ext='.length)
    .replace(VISUAL_SEPARATORS, '');
  if (extension === undefined) return digits;
  return EXTENSION.test(extension) ? `${digits};ext=${extension}` : undefined;
}
