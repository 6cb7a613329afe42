/** An exported name on a page: its docstring, and its declaration. */
import type { Export } from './declarations.ts';

/** Lines of a declaration that are shown; tables of data are longer than anybody reads. */
const LONGEST = 60;
const SHORT = 12;

/** A section with the name as its heading. @param level `##` or `###` */
export function exportSection(item: Export, level: string): string {
  return `${level} ${item.name}

${paragraphs(item.doc)}
\`\`\`ts
${item.declarations.map((text) => shortened(text)).join('\n\n')}
\`\`\`
`;
}

/** Tables of data are cut; classes and interfaces never. */
function shortened(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= LONGEST || !text.startsWith('const ')) return text;
  const indent = lines.slice(0, SHORT).findLastIndex((line) => /^ {2}[}\S].*;$/.test(line) || /^ {2}\};?$/.test(line));
  const kept = lines.slice(0, indent > 0 ? indent + 1 : SHORT);
  return [...kept, '  // ... and more of the same kind', lines.at(-1)].join('\n');
}

/** A docstring as markdown: its tags become a list. */
function paragraphs(doc: string): string {
  if (doc === '') return '';
  const [text = '', ...tags] = doc.split(/(?:^|\s)(?=@(?:param|returns?|throws|example)\b)/);
  const examples = tags.filter((tag) => tag.startsWith('@example')).map((tag) => tag.slice('@example'.length).trim());
  const list = tags
    .filter((tag) => !tag.startsWith('@example'))
    .map((tag) => {
      const [, name = '', rest = ''] = /^@(?:param )?([\w.]+)\s*([\s\S]*)$/.exec(tag) ?? [];
      return `- ${tag.startsWith('@param') ? `\`${name}\`` : name}: ${markdown(rest)}`;
    });
  const shown = examples.map((code) => `\nFor example:\n\n\`\`\`ts\n${code.replaceAll(/^```\w*\n|\n```$/g, '')}\n\`\`\`\n`);
  return `${markdown(text.trim())}\n${list.length > 0 ? `\n${list.join('\n')}\n` : ''}${shown.join('')}`;
}

/** Angle brackets outside of code would be read as HTML. `{@link X}` becomes X. */
function markdown(text: string): string {
  return text
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('*', '\\*')))
    .join('');
}
