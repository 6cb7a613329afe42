/** The body of a SUBSCRIBE for provisioning: which groups a client wants. [MS-SIPREGE] section 2.2.2.4. */
import { H, ParleyError, parseXml } from '@parley/sdk';
import type { SipRequest, XmlElement } from '@parley/sdk';
import type { ProvisioningGroup } from './api.ts';
import { ProvisioningErrors } from './errors.ts';
import { GROUPS } from './groups.ts';

/** Content type of requests and answers. */
export const PROVISIONING_TYPE = 'application/vnd-microsoft-roaming-provisioning-v2+xml';

/** Twelve groups take a tenth of it. */
const MAX_BYTES = 16_384;
const MAX_ELEMENTS = 200;
const MAX_SUBNET_LENGTH = 45;

export interface WantedGroups {
  /** Known ones, each once, in the order of the request. */
  readonly groups: readonly ProvisioningGroup[];
  readonly subnet: string | undefined;
}

/**
 * Reads what is wanted; without a body everything is. Groups that nobody knows are passed over.
 * @throws PROVISIONING_CONTENT_TYPE, PROVISIONING_TOO_LARGE, PROVISIONING_MALFORMED
 */
export function readWantedGroups(request: SipRequest): WantedGroups {
  const { body } = request;
  if (body.length === 0) return { groups: GROUPS, subnet: undefined };
  const type = (request.first(H.ContentType) ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== PROVISIONING_TYPE) throw ProvisioningErrors.PROVISIONING_CONTENT_TYPE({ found: (type ?? '').slice(0, 60) || 'nothing' });
  if (body.length > MAX_BYTES) throw ProvisioningErrors.PROVISIONING_TOO_LARGE({ found: body.length, limit: MAX_BYTES });
  const root = readRoot(body);
  // Namespaces differ between versions: names alone decide.
  if (!root.is('provisioningGroupList'))
    throw ProvisioningErrors.PROVISIONING_MALFORMED({ reason: `it begins with ${root.local.slice(0, 60)}` });
  const wanted = new Set(root.all('provisioningGroup').map((group) => group.attribute('name')));
  const groups = [...wanted].filter((name): name is ProvisioningGroup => GROUPS.some((group) => group === name));
  return { groups, subnet: root.attribute('subnet')?.slice(0, MAX_SUBNET_LENGTH) };
}

function readRoot(body: Buffer): XmlElement {
  try {
    return parseXml(body, { size: MAX_BYTES, depth: 8, elements: MAX_ELEMENTS, attributes: 16 }).root;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw ProvisioningErrors.PROVISIONING_MALFORMED({ reason: error.message }, { cause: error });
  }
}
