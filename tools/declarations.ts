/** Reads the declaration files (.d.ts) that the compiler writes: what a package exports, with its docstrings. Knows no more of the language than that takes. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** What a declaration declares. A name may stand for a type and a value at once. */
export type DeclarationKind = 'function' | 'class' | 'interface' | 'type' | 'const' | 'namespace';

/** A statement of a declaration file. */
interface Statement {
  readonly name: string;
  readonly kind: DeclarationKind;
  /** The comment before it, without its frame. */
  readonly doc: string;
  /** The declaration without `export declare`, private members and its own docstring. */
  readonly text: string;
}

/** One exported name. */
export interface Export {
  readonly name: string;
  /** The declaration file that has it, absolute, and what it is called there. */
  readonly file: string;
  readonly declaredAs: string;
  readonly kinds: readonly DeclarationKind[];
  readonly doc: string;
  readonly declarations: readonly string[];
}

interface DeclarationFile {
  readonly statements: ReadonlyMap<string, readonly Statement[]>;
  /** Names taken from elsewhere: own name to file and name there. */
  readonly taken: ReadonlyMap<string, readonly [file: string, name: string]>;
  /** Files all of whose exports are exported here. */
  readonly whole: readonly string[];
}

const START = /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(function|class|interface|type|const|let|namespace) ([A-Za-z_$][\w$]*)/;
const TAKEN = /^(?:export|import) (?:type )?\{([^}]*)\} from ['"]([^'"]+)['"];?$/;
/** A name that stands for another one: `type Dialogs = DialogsType;` */
const ALIAS = /^type [\w$]+(?:<.*>)? = ([A-Za-z_$][\w$]*)(?:<.*>)?;$/;
const WHOLE = /^export \* from ['"]([^'"]+)['"];?$/;

/** Reads packages from an entry on; each file once. */
export class DeclarationReader {
  private readonly files = new Map<string, DeclarationFile>();
  private readonly packages: Readonly<Record<string, string>>;

  /** @param packages where the declarations of an imported package begin: `@parley/core` to its index.d.ts, absolute */
  constructor(packages: Readonly<Record<string, string>>) {
    this.packages = packages;
  }

  /** Every name that a declaration file exports, in alphabetical order. */
  exports(entry: string): Export[] {
    const names = this.namesOf(entry);
    const found = [...names].map(([name, file]) => this.find(file, name, name)).filter((item) => item !== undefined);
    const known = new Set(found.map(identity));
    return found.map((item) => this.withTargets(item, known)).sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  /** An alias of something that has no entry of its own shows what it stands for: its members are what readers look for. */
  private withTargets(item: Export, known: ReadonlySet<string>): Export {
    let { doc, kinds } = item;
    const declarations = item.declarations.flatMap((text) => {
      const target = this.aliased(item.file, text);
      if (target === undefined || known.has(identity(target))) return [text];
      if (target.doc !== '' && target.doc !== doc) doc = `${doc}\n\n${target.doc}`.trim();
      kinds = [...new Set([...target.kinds, ...kinds.filter((kind) => kind !== 'type')])];
      return target.name === item.name ? target.declarations : [text, ...target.declarations];
    });
    return { ...item, doc, kinds, declarations };
  }

  /** What an alias stands for, where that is declared in what is read here. */
  private aliased(file: string, text: string): Export | undefined {
    const target = ALIAS.exec(text.replaceAll(/\s+/g, ' '))?.[1];
    const found = target === undefined ? undefined : this.find(file, target, target);
    return found === undefined ? undefined : { ...found, name: found.declaredAs };
  }

  /** Exported name to the file that says so. What a file names itself goes before what comes with `export *`. */
  private namesOf(file: string): Map<string, string> {
    const { statements, taken, whole } = this.read(file);
    const names = new Map<string, string>();
    for (const source of whole) for (const [name, origin] of this.namesOf(source)) names.set(name, origin);
    for (const name of [...statements.keys(), ...taken.keys()]) names.set(name, file);
    return names;
  }

  private find(file: string, name: string, as: string): Export | undefined {
    const { statements, taken, whole } = this.read(file);
    const own = statements.get(name);
    if (own !== undefined) {
      const doc = own.map((statement) => statement.doc).find((text) => text !== '') ?? '';
      const kinds = [...new Set(own.map(({ kind }) => kind))];
      return { name: as, file, declaredAs: name, kinds, doc, declarations: own.map(({ text }) => text) };
    }
    const origin = taken.get(name);
    if (origin !== undefined) return this.find(origin[0], origin[1], as);
    return whole.map((source) => this.find(source, name, as)).find((found) => found !== undefined);
  }

  private read(file: string): DeclarationFile {
    let known = this.files.get(file);
    if (known === undefined) this.files.set(file, (known = this.parse(file)));
    return known;
  }

  private parse(file: string): DeclarationFile {
    const statements = new Map<string, Statement[]>();
    const taken = new Map<string, readonly [string, string]>();
    const whole: string[] = [];
    const source = readFileSync(file, 'utf8');
    for (const { doc, text } of split(source)) {
      const flat = text.replaceAll(/\s+/g, ' ');
      const from = TAKEN.exec(flat);
      const all = WHOLE.exec(flat);
      if (all !== null) whole.push(...this.target(file, all[1] ?? ''));
      else if (from !== null) for (const entry of this.names(file, from[1] ?? '', from[2] ?? '')) taken.set(...entry);
      else {
        const [, kind = '', name = ''] = START.exec(flat) ?? [];
        if (kind === '') continue;
        const statement = { name, kind: (kind === 'let' ? 'const' : kind) as DeclarationKind, doc, text: bare(text) };
        statements.set(name, [...(statements.get(name) ?? []), statement]);
      }
    }
    return { statements: explainedByHead(statements, source, basename(file, '.d.ts')), taken, whole };
  }

  private names(file: string, list: string, specifier: string): [string, readonly [string, string]][] {
    return this.target(file, specifier).flatMap((source) =>
      list
        .split(',')
        .map((item) => item.replace(/^\s*type /, '').trim())
        .filter((item) => item !== '')
        .map((item): [string, readonly [string, string]] => {
          const [name = '', as = name] = item.split(' as ');
          return [as, [source, name]];
        }),
    );
  }

  /** The declaration file of an import; none for a package that is not read. */
  private target(file: string, specifier: string): string[] {
    if (!specifier.startsWith('.')) return this.packages[specifier] === undefined ? [] : [this.packages[specifier]];
    const path = resolve(dirname(file), specifier.replace(/\.(?:ts|js)$/, '.d.ts'));
    return [existsSync(path) ? path : join(path, 'index.d.ts')];
  }
}

/** The same for two names of one declaration. */
function identity({ file, declaredAs }: Export): string {
  return `${file} ${declaredAs}`;
}

/** What a file says at its head stands for the declaration that it is named by, or that alone has no docstring of its own. */
function explainedByHead(
  statements: ReadonlyMap<string, readonly Statement[]>,
  source: string,
  idea: string,
): ReadonlyMap<string, readonly Statement[]> {
  const silent = [...statements].filter(([, all]) => all.every(({ doc }) => doc === ''));
  const named = silent.find(([name]) => hyphened(name) === idea) ?? silent.find(([name]) => hyphened(name).endsWith(`-${idea}`));
  const meant = named ?? (silent.length === 1 ? silent[0] : undefined);
  const head = /^\s*(\/\*\*[\s\S]*?\*\/)/.exec(source)?.[1];
  if (head === undefined || meant === undefined) return statements;
  return new Map(statements).set(
    meant[0],
    meant[1].map((statement) => ({ ...statement, doc: unframed(head) })),
  );
}

/** `AdminCommand` as a file would be called. */
function hyphened(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** The statements of a file, each with the docstring that stands before it. */
function split(source: string): { doc: string; text: string }[] {
  const statements: { doc: string; text: string }[] = [];
  let doc = '';
  let lines: string[] = [];
  let depth = 0;
  let comment: string[] | undefined;
  for (const line of source.replaceAll('\r', '').split('\n')) {
    if (lines.length === 0 && (comment !== undefined || line.startsWith('/*'))) {
      comment = [...(comment ?? []), line];
      if (!line.includes('*/')) continue;
      doc = unframed(comment.join('\n'));
      comment = undefined;
      continue;
    }
    if (lines.length === 0 && (line.trim() === '' || line.startsWith('//'))) continue;
    lines.push(line);
    depth += balance(line);
    if (depth > 0 || !/[;}]\s*$/.test(line)) continue;
    statements.push({ doc, text: lines.join('\n') });
    [doc, lines, depth] = ['', [], 0];
  }
  return statements;
}

/** How many brackets a line opens more than it closes; comments and text do not count. */
function balance(line: string): number {
  const bare = line.replaceAll(/\/\*.*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|=>|\/\/.*$|^\s*\*.*$|\/\*.*$/g, '');
  return bare.split(/[{([]/).length - bare.split(/[})\]]/).length;
}

/** A docstring's text without stars and frame. */
function unframed(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*?/, '')
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}

/** A declaration as a reader wants it: no `export declare`, no private members, two blanks a level. */
function bare(text: string): string {
  const kept: string[] = [];
  let comment: string[] = [];
  /** Brackets that a member which is left out has open still: it may go on over several lines, with comments among them. */
  let open = 0;
  for (const line of text.split('\n')) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    const isComment = /^\s*(?:\/\*|\*)/.test(line);
    if (open > 0) open += balance(line);
    else if (isComment) comment.push(line);
    else if (/^\s+(?:private |#)/.test(line) || comment.some((text) => text.includes('@internal'))) {
      comment = [];
      open = Math.max(0, balance(line));
    } else {
      kept.push(...comment, line);
      comment = [];
    }
    if (isComment && indent === 0) comment = [];
  }
  const narrow = kept.some((line) => /^ {2}\S/.test(line));
  const all = narrow ? kept : kept.map((line) => line.replace(/^(?: {4})+/, (blanks) => blanks.slice(blanks.length / 2)));
  return all
    .join('\n')
    .replace(/^export (?:default )?/, '')
    .replace(/^declare /, '')
    .replaceAll(/^( *constructor\()([\s\S]*?)\);$/gm, (_, start: string, list: string) => `${start}${onOneLine(list)});`);
}

/** Parameters of a constructor that are members too: their docstrings stand at the members. */
function onOneLine(parameters: string): string {
  return parameters
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
