/** Who may act for a user: reads changes. [MS-PRES] section 1.3.1.5; sheet ms-pres section 3.7, where the body is from memory. */
import { NAMESPACES } from './namespaces.ts';
import { addressOf, malformed, quoted, readDocument, tooMany, unsignedAttribute } from './read.ts';

/** The delegates of a user. */
export interface Delegates {
  /** 0: never changed. */
  readonly version: number;
  /** Addresses without scheme, in the order of their coming. */
  readonly members: readonly string[];
}

/** A user has none to begin with. */
export const NO_DELEGATES: Delegates = { version: 0, members: [] };

/** A change of delegates. */
export interface DelegatesChange {
  /** The version that the client knows. */
  readonly version: number;
  readonly changes: readonly { readonly action: 'add' | 'remove'; readonly aor: string }[];
}

const WHAT = 'setDelegates';
const MOST = 100;

/** Reads the body of a SERVICE. Throws PRESENCE_DOCUMENT_*. */
export function readSetDelegates(body: Buffer | string): DelegatesChange {
  const limits = { size: 65_536, depth: 8, elements: 500 };
  const { root } = readDocument(body, WHAT, { local: WHAT, namespace: NAMESPACES.delegates }, limits);
  const elements = root.all('delegate', NAMESPACES.delegates);
  if (elements.length > MOST) throw tooMany(WHAT, elements.length, 'delegates', MOST);
  const changes = elements.map((element): DelegatesChange['changes'][number] => {
    const action = element.attribute('action');
    if (action !== 'add' && action !== 'remove') throw malformed(WHAT, `action is ${quoted(action ?? '')}, neither add nor remove`);
    const uri = element.attribute('uri');
    const aor = addressOf(uri);
    if (aor === undefined) throw malformed(WHAT, `the uri of a delegate is ${quoted(uri ?? '')}, not a SIP address`);
    return { action, aor };
  });
  return { version: unsignedAttribute(root, 'version', WHAT), changes };
}

/** The delegates after a change: version one higher. Who is one already is not added again, who is none is not missed. */
export function changeDelegates({ version, members }: Delegates, { changes }: DelegatesChange): Delegates {
  const after = new Set(members);
  for (const { action, aor } of changes) {
    if (action === 'add') after.add(aor);
    else after.delete(aor);
  }
  return { version: version + 1, members: [...after] };
}
