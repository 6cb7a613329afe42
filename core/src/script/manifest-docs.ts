/** What people are told of a manifest's elements and attributes, and which values they take. Sheet mspl 3.1; the reader is manifest-reader.ts. */
import { FILTER_METHODS } from './manifest.ts';

/** The words about one attribute. */
export interface ManifestAttributeDoc {
  readonly name: string;
  readonly doc: string;
  readonly required?: boolean;
  /** Everything that it can be; undefined: text of one's own. */
  readonly values?: readonly string[];
  /** It takes several of its values, joined by commas. */
  readonly list?: boolean;
  /** What holds when it is absent. */
  readonly otherwise?: string;
}

/** The words about one element. */
export interface ManifestElementDoc {
  readonly name: string;
  readonly doc: string;
  /** The element that it stands in; undefined for the outermost. */
  readonly parent?: string;
  readonly attributes: readonly ManifestAttributeDoc[];
  /** It has text or elements inside. */
  readonly content?: boolean;
}

const YES_NO = ['true', 'false'] as const;
const ROOT = 'applicationManifest';

/** In the order in which manifests are usually written. */
export const MANIFEST_ELEMENTS: readonly ManifestElementDoc[] = [
  {
    name: ROOT,
    doc: 'An application: which messages it wants, the tables it reads, and its script.',
    content: true,
    attributes: [
      {
        name: 'appUri',
        doc: 'The identity of the application: an absolute HTTP URL, unique on a server. Nothing is fetched from it.',
        required: true,
      },
    ],
  },
  {
    name: 'allowRegistrationBeforeUserServices',
    doc: 'Lets the application run before user services. Without it such an order is refused.',
    parent: ROOT,
    attributes: [],
  },
  {
    name: 'serverFilter',
    doc: 'Which servers the application may run on. On another one it is refused.',
    parent: ROOT,
    attributes: [
      {
        name: 'roles',
        doc: 'Roles of servers. ALL stands alone.',
        values: ['ALL', 'HomeServer', 'FrontEnd', 'AccessProxy', 'Proxy'],
        list: true,
        otherwise: 'ALL',
      },
    ],
  },
  {
    name: 'requestFilter',
    doc: 'Which requests run the script; others pass by. Without this element all do, except those with a fixed route and the server’s own.',
    parent: ROOT,
    attributes: [
      {
        name: 'methodNames',
        doc: 'Methods. OTHER is every method that has no name here; ALL and NONE stand alone.',
        values: ['ALL', 'NONE', ...FILTER_METHODS],
        list: true,
        otherwise: 'ALL',
      },
      { name: 'registrarGenerated', doc: 'Also requests that the server itself makes, as its NOTIFY.', values: YES_NO, otherwise: 'false' },
      {
        name: 'strictRoute',
        doc: 'Also requests that follow a route set, as those inside a dialog. Leave it false in a script that routes or forks.',
        values: YES_NO,
        otherwise: 'false',
      },
      {
        name: 'domainSupported',
        doc: 'true: only requests to domains that are served here. false: only those to others.',
        values: YES_NO,
        otherwise: 'both',
      },
      {
        name: 'phoneUri',
        doc: 'true: only requests to phone numbers. false: only those to others.',
        values: YES_NO,
        otherwise: 'both',
      },
    ],
  },
  {
    name: 'responseFilter',
    doc: 'Which responses run the script. Without this element all do.',
    parent: ROOT,
    attributes: [
      {
        name: 'reasonCodes',
        doc: 'Classes of status codes; 2nn and 2XX are 2xx. ALL and NONE stand alone.',
        values: ['ALL', 'NONE', '1xx', '2xx', '3xx', '4xx', '5xx', '6xx'],
        list: true,
        otherwise: 'ALL',
      },
    ],
  },
  {
    name: 'proxyByDefault',
    doc: 'What becomes of a message that the script neither answers nor sends on.',
    parent: ROOT,
    attributes: [
      {
        name: 'action',
        doc: 'true: it goes on to the next application. false: it goes no further, and a request is answered 480.',
        values: YES_NO,
        otherwise: 'true',
      },
    ],
  },
  {
    name: 'file',
    doc: 'A table of text that the script reads as name[key].column. It is read again when it changes.',
    parent: ROOT,
    content: true,
    attributes: [
      { name: 'name', doc: 'What the script calls it.', required: true },
      { name: 'path', doc: 'Where the table is, relative to the manifest.', required: true },
      {
        name: 'keyColumnName',
        doc: 'The column that is searched for a string key. Its values have to be unique. Without it rows go by number.',
      },
      { name: 'ignoreCase', doc: 'Keys are equal when they differ in case only.', values: YES_NO, otherwise: 'false' },
      { name: 'delimitedBy', doc: 'What stands between fields.', values: ['comma', 'tab', 'whitespace'], otherwise: 'comma' },
      { name: 'static', doc: 'true: it is read once, and changes need a reload.', values: YES_NO, otherwise: 'false' },
    ],
  },
  {
    name: 'column',
    doc: 'A column of the table, in the order of its fields.',
    parent: 'file',
    attributes: [{ name: 'name', doc: 'What the script calls it.', required: true }],
  },
  {
    name: 'scriptOnly',
    doc: 'There is no handler: the script does everything, and Dispatch is an error.',
    parent: ROOT,
    attributes: [],
  },
  {
    name: 'splScript',
    doc: 'The script, best inside <![CDATA[ ]]>. The last element.',
    parent: ROOT,
    content: true,
    attributes: [],
  },
];
