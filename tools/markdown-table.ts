/** Tables and code in the pages that are made from the code. */

/** A table of markdown; '' without rows. Cells are markdown already: text from elsewhere goes through `cell`. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${line(titles)}\n${line(titles.map(() => '---'))}\n${rows.map(line).join('\n')}\n`;
}

/** A sentence as the cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

/** A value as code; one that is no text, as JSON. */
export function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
