/** Colours code, in two themes at once: the style sheet chooses by light and dark. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHighlighter } from 'shiki';
import type { LanguageRegistration } from 'shiki';

/** Gives the HTML of a block of code. @param language as written behind the fence, or the ending of a file */
export type Highlight = (code: string, language: string) => string;

const THEMES = { light: 'github-light', dark: 'github-dark' } as const;
const LANGUAGES = ['typescript', 'json', 'shellscript', 'xml', 'sql', 'ini', 'yaml', 'http', 'javascript', 'html', 'csv'] as const;

/** MSPL is written as `c` in the pages, because that is what other viewers can colour. */
const ALIASES: Readonly<Record<string, string>> = {
  ts: 'typescript',
  js: 'javascript',
  mjs: 'javascript',
  sh: 'shellscript',
  bash: 'shellscript',
  c: 'mspl',
  am: 'mspl-manifest',
  sip: 'http',
  conf: 'ini',
  yml: 'yaml',
};

const GRAMMARS = ['cli/vscode/syntaxes/mspl.tmLanguage.json', 'cli/vscode/syntaxes/mspl-manifest.tmLanguage.json'];

/** Loads themes and grammars, MSPL's from the editor extension. @param root folder of the repository */
export async function highlighter(root: string): Promise<Highlight> {
  const grammars = GRAMMARS.map((path) => join(root, path)).filter((path) => existsSync(path));
  const own = grammars.map((path) => JSON.parse(readFileSync(path, 'utf8')) as LanguageRegistration);
  const shiki = await createHighlighter({ themes: Object.values(THEMES), langs: [...LANGUAGES, ...own] });
  const known = new Set(shiki.getLoadedLanguages());
  return (code, language) => {
    const wanted = ALIASES[language] ?? language;
    const lang = [wanted, wanted === 'mspl' ? 'javascript' : 'text', wanted === 'mspl-manifest' ? 'xml' : 'text'].find((name) =>
      known.has(name),
    );
    return shiki.codeToHtml(code.replace(/\n$/, ''), { lang: lang ?? 'text', themes: THEMES, defaultColor: false });
  };
}
