/** The elements and attributes of a manifest, for the reference. A test gives each to the compiler. */

/** One attribute of an element, or an element that has none. */
export interface ManifestElement {
  readonly element: string;
  /** '' for the element itself. */
  readonly attribute: string;
  readonly values: string;
  /** What is so when it is absent. */
  readonly otherwise: string;
  readonly meaning: string;
}

/** In the order in which a manifest is usually written. */
export const MANIFEST_ELEMENTS: readonly ManifestElement[] = [
  of(
    'applicationManifest',
    'appUri',
    'an absolute HTTP URL',
    'error',
    'The name of the application, unique in the server. Nothing is fetched from it.',
  ),
  of(
    'allowRegistrationBeforeUserServices',
    '',
    '',
    'it may not',
    'The application may stand before those that home users: before sign-in is processed.',
  ),
  of('serverFilter', 'roles', 'ALL, or a list of HomeServer, FrontEnd, AccessProxy, Proxy', 'ALL', 'Where the application may run.'),
  of('requestFilter', 'methodNames', 'ALL, NONE, or a list of methods', 'ALL', 'Which requests run the script.'),
  of(
    'requestFilter',
    'strictRoute',
    'true, false',
    'false',
    'true: also requests that follow a route, which is what requests inside a dialog do. Scripts that route or fork want false, scripts that read content want true.',
  ),
  of(
    'requestFilter',
    'registrarGenerated',
    'true, false',
    'false',
    'true: also requests that the server itself makes, such as notifications of presence.',
  ),
  of('requestFilter', 'domainSupported', 'true, false', 'both', 'true: only requests for domains served here; false: only for others.'),
  of('requestFilter', 'phoneUri', 'true, false', 'both', 'true: only requests for phone numbers; false: only for others.'),
  of('responseFilter', 'reasonCodes', 'ALL, NONE, or a list of 1xx to 6xx', 'ALL', 'Which responses run the script.'),
  of(
    'proxyByDefault',
    'action',
    'true, false',
    'true',
    'What becomes of a message that the script leaves alone. true: it goes on. false: it stops here.',
  ),
  of('file', 'name', 'an identifier', 'error', 'A table, and what the script calls it: `name[key].column`.'),
  of('file', 'path', 'a path, relative to the manifest', 'error', 'Where the table is.'),
  of('file', 'keyColumnName', 'a column', 'rows by number only', 'The column whose values are keys. Each has to be unique.'),
  of('file', 'ignoreCase', 'true, false', 'false', 'Keys are compared without regard to case.'),
  of('file', 'delimitedBy', 'comma, tab, whitespace', 'comma', 'What stands between the fields of a line.'),
  of('file', 'static', 'true, false', 'false', 'true: the table is read once. false: a change is used from the next message on.'),
  of('column', 'name', 'an identifier', 'error', 'A column of the `file` that it stands in, in the order of the fields.'),
  of('scriptOnly', '', '', 'a plugin or an application belongs to it', 'Nothing belongs to the script: Dispatch is an error.'),
  of('splScript', '', '', 'error', 'The script, as text or CDATA. It is the last element.'),
];

function of(element: string, attribute: string, values: string, otherwise: string, meaning: string): ManifestElement {
  return { element, attribute, values, otherwise, meaning };
}
