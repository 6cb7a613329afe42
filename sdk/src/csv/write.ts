/** Writes comma-separated values. RFC 4180. */

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One line without its end. */
export function csvLine(fields: readonly string[]): string {
  return fields.map((field) => (NEEDS_QUOTES.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
