/** What watchers are sent: categories for clients of this family, PIDF for plain SIP clients, the older form for LCS 2005. */
import { ParleyError, parseXml } from '@parley/sdk';
import type { Content } from '@parley/sdk';
import type { Directory } from '@parley/plugin-directory/api';
import { aggregateOutputs } from './aggregate/index.ts';
import { CONTAINERS, CONTENT_TYPES, categoriesDocument, msrtcDocument, pidfDocument } from './documents/index.ts';
import type { ShownPresence } from './documents/index.ts';
import { aggregationParts } from './held-rows.ts';
import type { HeldInstance, PresenceState } from './presence-state.ts';
import type { Presentity } from './presentity.ts';
import type { PresenceForm } from './watching.ts';

/** Shown of somebody who is not there. */
const OFFLINE = 18_500;

/** The categories that plain clients are shown something of. */
export const PLAIN_CATEGORIES: ReadonlySet<string> = new Set(['state', 'note', 'contactCard']);

/** Documents that were made for one state; thousands of watchers get the same one. */
const made = new WeakMap<PresenceState, Map<number, WeakMap<ReadonlySet<string>, Buffer>>>();

/** All instances of the wanted categories in one container; wanted ones without any are told as empty. Nobody may write into it. [MS-PRES] R24 */
export function categoriesBody(presentity: Presentity, container: number, names: ReadonlySet<string>): Buffer {
  const { state, aor } = presentity;
  let containers = made.get(state);
  if (containers === undefined) made.set(state, (containers = new Map()));
  let documents = containers.get(container);
  if (documents === undefined) containers.set(container, (documents = new WeakMap()));
  const known = documents.get(names);
  if (known !== undefined) return known;
  const instances: HeldInstance[] = [];
  const empty = new Set(names);
  for (const held of state.instances.values()) {
    if (held.container !== container || !names.has(held.name)) continue;
    instances.push(held);
    empty.delete(held.name);
  }
  const body = Buffer.from(categoriesDocument(aor, instances, [...empty]));
  documents.set(names, body);
  return body;
}

/** For a contact who has gone from the directory: offline, and nothing else. Some clients keep the last state when there is none. */
function absentText(aor: string, names: ReadonlySet<string>): string {
  const nobody = aggregateOutputs({ aor, states: [], workgroupStates: [], devices: [], now: 0 });
  const instances = nobody.publications
    .filter(({ name, container }) => container === CONTAINERS.blocked && names.has(name))
    .map((publication) => ({ ...publication, publishTime: 0 }));
  const there = new Set(instances.map(({ name }) => name));
  return categoriesDocument(
    aor,
    instances,
    [...names].filter((name) => !there.has(name)),
  );
}

/** For clients of this family. @param headers of every notification */
export function categoriesForm(headers: NonNullable<Content['headers']> = []): PresenceForm {
  return {
    content: (presentity, aor, container, names) => ({
      headers,
      body: presentity === undefined ? absentText(aor, names) : categoriesBody(presentity, container, names),
      contentType: CONTENT_TYPES.categories,
    }),
  };
}

/** For plain SIP clients. RFC 3856 section 6.7 */
export function pidfForm(directory: Pick<Directory, 'findByAor'>, contentType: string): PresenceForm {
  return {
    content: (presentity, aor, container) => ({ body: pidfDocument(shown(presentity, aor, container, directory)), contentType }),
  };
}

/** For clients of LCS 2005. @param headers of every notification */
export function msrtcForm(directory: Pick<Directory, 'findByAor'>, headers: NonNullable<Content['headers']> = []): PresenceForm {
  return {
    content: (presentity, aor, container) => {
      const user = directory.findByAor(aor);
      const body = msrtcDocument({ ...shown(presentity, aor, container, directory), email: user?.aor, phone: user?.phones[0] });
      return { headers, body, contentType: CONTENT_TYPES.msrtcPidf };
    },
  };
}

/** The state, activity and note that a container shows. */
export function statusIn(
  state: PresenceState,
  container: number,
): { readonly availability: number; readonly token: string | undefined; readonly note: string | undefined } {
  let availability = OFFLINE;
  let token: string | undefined;
  let note: HeldInstance | undefined;
  for (const held of state.instances.values()) {
    if (held.container !== container) continue;
    if (held.name === 'state' && held.origin === 'aggregate') {
      const parts = aggregationParts(held.name, held.content).state;
      if (parts?.type !== 'aggregateState') continue;
      availability = parts.availability ?? OFFLINE;
      token = parts.activities[0]?.token;
    } else if (held.name === 'note' && held.content !== '' && (note === undefined || held.publishTime >= note.publishTime)) note = held;
  }
  return { availability, token, note: note === undefined ? undefined : noteText(note.content) };
}

function shown(presentity: Presentity | undefined, aor: string, container: number, directory: Pick<Directory, 'findByAor'>): ShownPresence {
  const displayName = directory.findByAor(aor)?.displayName;
  if (presentity === undefined || container === CONTAINERS.default) return { aor, displayName, availability: OFFLINE };
  return { aor, displayName, ...statusIn(presentity.state, container) };
}

function noteText(content: string): string | undefined {
  try {
    const text = parseXml(content).root.child('body')?.text.trim();
    return text === '' ? undefined : text;
  } catch (error) {
    // It was published as some XML, not as ours to read.
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
}
