/** Text in lines that a terminal holds. */

/**
 * Breaks a text at its spaces; those at its beginning stay.
 * @param width characters of a line at most, as long as no word is longer
 * @param indent what every line but the first begins with
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let isEmpty = true;
  for (const word of text.trim().split(' ')) {
    if (!isEmpty && line.length + word.length + 1 > width) {
      lines.push(line);
      line = indent + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
