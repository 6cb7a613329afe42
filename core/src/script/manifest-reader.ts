/** A manifest file read: its XML, its statements checked, its script found. Sheet mspl 3.1. */
import type { DiagnosticList } from './diagnostic.ts';
import { ElementReader } from './element-reader.ts';
import type { ListValues } from './element-reader.ts';
import { ENUMERATIONS } from './enumerations.ts';
import { ManifestErrors as E, ScriptTextErrors } from './errors.ts';
import { KEYWORDS } from './lexer.ts';
import { FILTER_METHODS, Manifest } from './manifest.ts';
import type { FlatFileDeclaration, ManifestEdition, ServerRoleName } from './manifest.ts';
import { repairXml } from './manifest-repair.ts';
import { readXml } from './manifest-xml.ts';
import type { XmlElement } from './manifest-xml.ts';
import { hint, nearestName } from './nearest-name.ts';
import { BUILTIN_VARIABLES, ENDPOINT_VARIABLE } from './object-classes.ts';
import { readScript } from './script-element.ts';
import type { ScriptText, Span } from './source-text.ts';

/** Characters of one script, sheet mspl 5.4. */
export const SCRIPT_LIMIT = 262_144;

const EDITIONS: ReadonlyMap<string, ManifestEdition> = new Map([
  ['http://schemas.microsoft.com/lcs/2006/05', '2006'],
  ['http://schemas.microsoft.com/lcs/2004/05', '2004'],
  ['http://schemas.microsoft.com/rtc/2003/05', '2003'],
  ['http://schemas.microsoft.com/lcs/2003/05', '2003'],
]);
const ROLES: readonly ServerRoleName[] = ['HomeServer', 'FrontEnd', 'AccessProxy', 'Proxy'];
const DELIMITERS = ['comma', 'tab', 'whitespace'] as const;
/** Elements that may stand once, and `file`. */
const ELEMENTS = [
  'allowRegistrationBeforeUserServices',
  'serverFilter',
  'proxyByDefault',
  'requestFilter',
  'responseFilter',
  'file',
  'scriptOnly',
  'script-only',
  'splScript',
];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const REASON_CODE = /^[1-6][nNxX]{2}$/;
const URI_LIMIT = 1_024;
const EXCERPT = 80;

/** A manifest and its script. Present as far as they could be read; the list says whether there were errors. */
export interface ManifestFile {
  readonly manifest: Manifest;
  readonly script: ScriptText;
}

/**
 * Reads a manifest file; undefined when its XML or its outermost element cannot be read.
 * @param lenient repairs the three XML faults of published manifests and warns of them, instead of refusing the file
 */
export function readManifest(list: DiagnosticList, lenient: boolean): ManifestFile | undefined {
  const { text, faults } = repairXml(list.source.text);
  for (const fault of faults) {
    if (lenient) list.warning(fault.error, fault);
    else list.error(fault.error, fault);
  }
  const root = readXml(text, list);
  if (root === undefined) return undefined;
  if (root.name === 'applicationManifest') return new ManifestReader(root, text, list).read();
  list.error(E.MSPL_ROOT({ found: root.name }), root);
  return undefined;
}

class ManifestReader {
  private readonly known = new Map<string, XmlElement[]>();

  constructor(
    private readonly root: XmlElement,
    private readonly text: string,
    private readonly list: DiagnosticList,
  ) {}

  read(): ManifestFile {
    const edition = this.edition();
    this.sort();
    const appUri = this.appUri();
    const requests = this.reader('requestFilter');
    requests?.allow('methodNames', 'registrarGenerated', 'strictRoute', 'domainSupported', 'phoneUri');
    const manifest = new Manifest({
      appUri,
      edition,
      allowRegistrationBeforeUserServices: this.allowRegistration(),
      roles: this.roles(),
      methods: this.methods(requests),
      registrarGenerated: requests?.boolean('registrarGenerated') ?? false,
      strictRoute: requests?.boolean('strictRoute') ?? false,
      domainSupported: requests?.boolean('domainSupported'),
      phoneUri: requests === undefined ? undefined : this.phoneUri(requests),
      reasonCodes: this.reasonCodes(),
      proxyByDefault: this.proxyByDefault(),
      scriptOnly: this.known.has('scriptOnly'),
      files: this.files(),
    });
    return { manifest, script: this.script() };
  }

  private edition(): ManifestEdition {
    const edition = EDITIONS.get(this.root.namespace);
    if (edition === undefined) this.list.warning(E.MSPL_NAMESPACE({ found: `"${this.root.namespace.slice(0, EXCERPT)}"` }), this.root);
    return edition ?? '2003';
  }

  /** Sorts the elements by name; reports those that are unknown, repeated or behind the script. */
  private sort(): void {
    for (const element of this.root.children) {
      if (element.namespace !== this.root.namespace) {
        this.list.warning(E.MSPL_FOREIGN_ELEMENT({ name: element.name }), element);
        continue;
      }
      if (!ELEMENTS.includes(element.name)) {
        const error = E.MSPL_UNKNOWN_ELEMENT({ name: element.name, hint: hint(element.name, ELEMENTS) });
        // What looks like a misspelt filter must not be passed over: the application would see messages that it should not.
        if (nearestName(element.name, ELEMENTS) === undefined) this.list.warning(error, element);
        else this.list.error(error, element);
        continue;
      }
      const name = element.name === 'script-only' ? 'scriptOnly' : element.name;
      if (this.known.has('splScript')) this.list.warning(E.MSPL_ELEMENT_AFTER_SCRIPT({ name }), element);
      const same = this.known.get(name) ?? [];
      if (same.length > 0 && name !== 'file') this.list.error(E.MSPL_ELEMENT_TWICE({ name }), element);
      this.known.set(name, [...same, element]);
    }
  }

  private reader(name: string): ElementReader | undefined {
    const element = this.known.get(name)?.[0];
    return element === undefined ? undefined : new ElementReader(element, this.list);
  }

  private appUri(): string {
    const root = new ElementReader(this.root, this.list);
    root.allow('appUri');
    const value = root.required('appUri', 'Write appUri="http://example.com/Name".');
    if (value !== '' && !isHttpUrl(value))
      this.list.error(E.MSPL_APP_URI({ found: `"${value.slice(0, EXCERPT)}"` }), root.attribute('appUri') ?? this.root);
    return value;
  }

  /** The empty element says yes; one printed form of it says true or false in an attribute or as text. */
  private allowRegistration(): boolean {
    const element = this.known.get('allowRegistrationBeforeUserServices')?.[0];
    if (element === undefined) return false;
    const said = [element.text, ...element.attributes.map((attribute) => attribute.value)];
    return !said.some((text) => text.trim().toLowerCase() === 'false');
  }

  private roles(): ReadonlySet<ServerRoleName> | 'ALL' {
    const reader = this.reader('serverFilter');
    reader?.allow('roles');
    const found = reader?.words('roles', [...ROLES, 'ALL']);
    if (found !== undefined) reader?.aloneOnly(found, ['ALL']);
    if (found === undefined || found.values.includes('ALL')) return 'ALL';
    return new Set(ROLES.filter((role) => found.values.includes(role)));
  }

  private methods(reader: ElementReader | undefined): ReadonlySet<string> | 'ALL' | 'NONE' {
    const found = reader?.words('methodNames', ['ALL', 'NONE', ...FILTER_METHODS]);
    if (reader === undefined || found === undefined) return 'ALL';
    return allNoneOr(reader, found, (value) => value);
  }

  private reasonCodes(): ReadonlySet<number> | 'ALL' | 'NONE' {
    const reader = this.reader('responseFilter');
    reader?.allow('reasonCodes');
    const attribute = reader?.attribute('reasonCodes');
    if (reader === undefined || attribute === undefined) return 'ALL';
    const values: string[] = [];
    for (const item of attribute.value.split(',').map((word) => word.trim())) {
      const word = item.toUpperCase();
      if (word === 'ALL' || word === 'NONE' || REASON_CODE.test(item)) values.push(word);
      else reader.notAllowed(attribute, item, ['ALL', 'NONE', '1xx', '2xx', '3xx', '4xx', '5xx', '6xx']);
    }
    return allNoneOr(reader, { attribute, values }, (value) => Number(value.charAt(0)));
  }

  /** True or false; the reference prints "URI" as its type, which restricts nothing. */
  private phoneUri(reader: ElementReader): boolean | undefined {
    const attribute = reader.attribute('phoneUri');
    const value = attribute?.value.trim().toLowerCase();
    if (attribute === undefined || value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    this.list.warning(E.MSPL_PHONE_URI({ found: attribute.value.slice(0, EXCERPT) }), attribute);
    return undefined;
  }

  private proxyByDefault(): boolean {
    const reader = this.reader('proxyByDefault');
    reader?.allow('action');
    return reader?.boolean('action') ?? true;
  }

  private files(): FlatFileDeclaration[] {
    const files: FlatFileDeclaration[] = [];
    for (const element of this.known.get('file') ?? []) {
      const file = this.file(element);
      if (files.some((other) => other.name === file.name))
        this.list.error(E.MSPL_ELEMENT_TWICE({ name: `the file ${file.name}` }), element);
      else files.push(file);
    }
    return files;
  }

  private file(element: XmlElement): FlatFileDeclaration {
    const reader = new ElementReader(element, this.list);
    reader.allow('name', 'path', 'keyColumnName', 'ignoreCase', 'delimitedBy', 'static');
    const name = reader.required('name', 'Write name="table": scripts use it as table[key].column.');
    const meaning = reservedMeaning(name);
    if (name !== '' && !IDENTIFIER.test(name))
      this.list.error(E.MSPL_FILE_NAME({ found: `"${name.slice(0, EXCERPT)}"`, what: 'file' }), reader.attribute('name') ?? element);
    else if (meaning !== undefined)
      this.list.error(ScriptTextErrors.MSPL_RESERVED_NAME({ name, what: meaning }), reader.attribute('name') ?? element);
    const columns = this.columns(element);
    const keyColumn = reader.attribute('keyColumnName')?.value.trim();
    if (columns.length === 0) this.list.error(E.MSPL_FILE_COLUMNS({ name }), element);
    else if (keyColumn !== undefined && !columns.includes(keyColumn)) {
      const members = columns.join(', ');
      const error = E.MSPL_FILE_KEY_COLUMN({ found: `"${keyColumn.slice(0, EXCERPT)}"`, members, hint: hint(keyColumn, columns) });
      this.list.error(error, reader.attribute('keyColumnName') ?? element);
    }
    const ignoreCase = reader.boolean('ignoreCase') ?? false;
    if (ignoreCase && keyColumn === undefined) this.list.warning(E.MSPL_FILE_IGNORE_CASE(), reader.attribute('ignoreCase') ?? element);
    return {
      name,
      path: reader.required('path', 'Write path="table.csv"; it is relative to the manifest.'),
      columns,
      keyColumn,
      ignoreCase,
      delimitedBy: reader.word('delimitedBy', DELIMITERS) ?? 'comma',
      static: reader.boolean('static') ?? false,
      start: element.start,
    };
  }

  private columns(file: XmlElement): string[] {
    const columns: string[] = [];
    for (const element of file.children) {
      const reader = new ElementReader(element, this.list);
      if (element.name !== 'column' || element.namespace !== file.namespace) {
        this.list.warning(E.MSPL_UNKNOWN_ELEMENT({ name: element.name, hint: hint(element.name, ['column']) }), element);
        continue;
      }
      reader.allow('name');
      const name = reader.required('name', 'Write <column name="..."/>.');
      if (name !== '' && !IDENTIFIER.test(name))
        this.list.error(E.MSPL_FILE_NAME({ found: `"${name.slice(0, EXCERPT)}"`, what: 'column' }), reader.attribute('name') ?? element);
      if (columns.includes(name)) this.list.error(E.MSPL_ELEMENT_TWICE({ name: `the column ${name}` }), element);
      columns.push(name);
    }
    return columns;
  }

  private script(): ScriptText {
    const element = this.known.get('splScript')?.[0];
    if (element === undefined) {
      this.list.error(
        E.MSPL_ELEMENT_MISSING({ name: 'splScript', instead: 'Add <splScript> as the last element; it may be empty.' }),
        this.root,
      );
    }
    const script = readScript(this.text, element?.content ?? endOf(this.root));
    if (script.text.length > SCRIPT_LIMIT) {
      const span = { start: script.sourceOffset(0), end: script.sourceOffset(0) + 1 };
      this.list.error(ScriptTextErrors.MSPL_SCRIPT_TOO_LONG({ found: script.text.length, limit: SCRIPT_LIMIT }), span);
    }
    return script;
  }
}

function allNoneOr<T>(reader: ElementReader, found: ListValues, convert: (value: string) => T): ReadonlySet<T> | 'ALL' | 'NONE' {
  reader.aloneOnly(found, ['ALL', 'NONE']);
  if (found.values.includes('ALL')) return 'ALL';
  if (found.values.includes('NONE')) return 'NONE';
  return new Set(found.values.map(convert));
}

function endOf({ content }: XmlElement): Span {
  return { start: content.end, end: content.end };
}

function isHttpUrl(value: string): boolean {
  if (value.length > URI_LIMIT || !/^https?:\/\//i.test(value)) return false;
  return URL.canParse(value);
}

/** What a file's name means already in scripts. */
function reservedMeaning(name: string): string | undefined {
  if (KEYWORDS.has(name)) return 'a word of the language';
  if (ENUMERATIONS.has(name)) return 'an enumeration';
  return BUILTIN_VARIABLES.has(name) || name === ENDPOINT_VARIABLE ? 'a built-in variable' : undefined;
}
