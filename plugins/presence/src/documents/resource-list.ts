/** Notifications about many contacts at once. RFC 4662, RFC 2387; [MS-PRES] R21, R22; sheet section 3.10.2. */
import { createHash } from 'node:crypto';
import { xmlElement } from '@parley/sdk';
import type { Markup } from '@parley/sdk';
import { CONTENT_TYPES, NAMESPACES } from './namespaces.ts';

/** A contact whose document is in the body. */
export interface ActiveResource {
  readonly state: 'active';
  readonly aor: string;
  readonly document: string;
  /** Default: that of categories. */
  readonly contentType?: string | undefined;
}

/** A contact that is to be subscribed to elsewhere. */
export interface ElsewhereResource {
  readonly state: 'resubscribe';
  readonly aor: string;
  /** Complete SIP URI, for all such contacts of a pool together; undefined: at the contact itself. */
  readonly poolUri?: string | undefined;
}

/** A contact that nothing can be said of. */
export interface TerminatedResource {
  readonly state: 'terminated';
  readonly aor: string;
  readonly reason: 'noresource' | 'rejected' | 'deactivated';
  readonly statusCode?: number | undefined;
}

/** One contact of a list. */
export type ListedResource = ActiveResource | ElsewhereResource | TerminatedResource;

/** A body and what to call it. */
export interface ListBody {
  readonly contentType: string;
  readonly body: string;
}

/** Content-ID of the list. Clients of this family know it by this name. */
const ROOT = 'resourceList';

/**
 * The rlmi list and, behind it, a part for each active resource.
 * @param owner address of record of the subscriber, whose list it is
 */
export function resourceListBody(owner: string, resources: readonly ListedResource[]): ListBody {
  const parts = [part(ROOT, CONTENT_TYPES.rlmi, listMarkup(owner, resources).text)];
  for (const resource of resources) {
    if (resource.state === 'active') parts.push(part(resource.aor, resource.contentType ?? CONTENT_TYPES.categories, resource.document));
  }
  const boundary = boundaryOf(parts);
  // With an empty line behind each: clients built on libpurple take the last four bytes of a part for the end of its line.
  const body = parts.map((text) => `--${boundary}\r\n${text}\r\n\r\n`).join('');
  return {
    contentType: `multipart/related;type="${CONTENT_TYPES.rlmi}";start=${ROOT};boundary=${boundary}`,
    body: `${body}--${boundary}--\r\n`,
  };
}

/** Made from what it separates, so that nobody can publish it beforehand. */
function boundaryOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of parts) hash.update(text);
  return hash.digest('hex').slice(0, 40);
}

function part(id: string, contentType: string, content: string): string {
  return `Content-Transfer-Encoding: binary\r\nContent-ID: ${id}\r\nContent-Type: ${contentType}\r\n\r\n${content}`;
}

function listMarkup(owner: string, resources: readonly ListedResource[]): Markup {
  const attributes = { xmlns: NAMESPACES.rlmi, uri: `sip:${owner}`, version: 0, fullState: 'false' };
  const list = resources.map((resource) => xmlElement('resource', { uri: `sip:${resource.aor}` }, instanceMarkup(resource)));
  return xmlElement('list', attributes, list);
}

/** Each with a state: a client crashes without one. */
function instanceMarkup(resource: ListedResource): Markup {
  const { state, aor } = resource;
  if (state === 'active') return xmlElement('instance', { id: 0, state, cid: aor });
  if (state === 'resubscribe') return xmlElement('instance', { id: 0, state, cid: aor, poolFqdn: resource.poolUri });
  return xmlElement('instance', { id: 0, state, reason: resource.reason, statusCode: resource.statusCode });
}
