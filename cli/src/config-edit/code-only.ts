/** TypeScript with everything blanked that is no code, so that its brackets and names can be looked for. */

/** Characters after which a slash begins a regular expression and does not divide. */
const BEFORE_REGEX = /[(,=:[!&|?{};+\-*%<>~^]$|(?:^|[^\w$])(?:return|typeof|case|in|of|void)$/;

/**
 * Text of the same length: comments are spaces, and so is what stands inside strings, templates and regular expressions; line ends stay.
 * Code inside `${}` of a template is blanked with it.
 */
export function codeOnly(source: string): string {
  let out = '';
  while (out.length < source.length) {
    const end = endOfQuiet(source, out.length, out);
    if (end === out.length) out += source[end];
    else out += blanked(source.slice(out.length, end));
  }
  return out;
}

/** Position behind the comment, string, template or regular expression that begins at `at`; `at` itself where code stands. */
function endOfQuiet(source: string, at: number, before: string): number {
  const two = source.slice(at, at + 2);
  if (two === '//') return endAt(source.indexOf('\n', at), source);
  if (two === '/*') return endAt(source.indexOf('*/', at + 2), source, 2);
  const first = two[0];
  if (first === "'" || first === '"') return endOfString(source, at, first);
  if (first === '`') return endOfTemplate(source, at);
  if (first === '/' && isRegexAfter(before)) return endOfString(source, at, '/');
  return at;
}

function endAt(found: number, source: string, length = 0): number {
  return found < 0 ? source.length : found + length;
}

function isRegexAfter(before: string): boolean {
  const code = before.trimEnd();
  return code === '' || BEFORE_REGEX.test(code.slice(-8));
}

/** Behind the quote that ends what begins at `at`, or at the end of the line: strings do not go over it. */
function endOfString(source: string, at: number, quote: string): number {
  let inClass = false;
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i];
    if (character === '\n') return i;
    if (character === '\\') i++;
    else if (quote === '/' && character === '[') inClass = true;
    else if (quote === '/' && character === ']') inClass = false;
    else if (character === quote && !inClass) return i + 1;
  }
  return source.length;
}

function endOfTemplate(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '`') return i + 1;
    else if (source.startsWith('${', i)) i = endOfSubstitution(source, i + 2);
  }
  return source.length;
}

/** Position of the brace that ends `${`; templates may stand inside. */
function endOfSubstitution(source: string, at: number): number {
  let depth = 1;
  for (let i = at; i < source.length; i++) {
    const end = endOfQuiet(source, i, '(');
    if (end > i) i = end - 1;
    else if (source[i] === '{') depth++;
    else if (source[i] === '}' && --depth === 0) return i;
  }
  return source.length;
}

/** Quotes at both ends of a string stay, so that what stands between is known to be one. */
function blanked(text: string): string {
  const spaces = text.replaceAll(/[^\n\r]/g, ' ');
  const quote = text[0] ?? '';
  if (!`'"\``.includes(quote) || text.length < 2) return spaces;
  return quote + spaces.slice(1, -1) + (text.endsWith(quote) ? quote : ' ');
}

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Position of the bracket that closes the one at `open` of text that is code only; -1 without one, or where brackets do not match. */
export function closingBracket(code: string, open: number): number {
  const expected: string[] = [];
  for (let i = open; i < code.length; i++) {
    const character = code[i] ?? '';
    const closer = CLOSERS[character];
    if (closer !== undefined) expected.push(closer);
    else if (')]}'.includes(character)) {
      if (expected.pop() !== character) return -1;
      if (expected.length === 0) return i;
    }
  }
  return -1;
}
