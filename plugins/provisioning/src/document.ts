/** What clients are answered, as XML. Pure. [MS-SIPREGE] sections 2.2.2.5 and 5.2. */
import { Markup, xmlElement } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { ProvisioningGroup, ProvisioningValues } from './api.ts';
import { DEMANDED, GROUP_FORMS } from './groups.ts';

const NAMESPACE = 'http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification';

/** One group with what is in it. */
export interface FilledGroup {
  readonly group: ProvisioningGroup;
  readonly values: ProvisioningValues;
  /** Inside of a group whose form is `markup`. */
  readonly markup: readonly Markup[];
}

/**
 * The whole document. Requests say provisioningGroup, answers provisionGroup. A group with nothing in it is left out; so is a setting with
 * an empty value, unless the schema demands it.
 */
export function provisioningDocument(groups: readonly FilledGroup[]): string {
  return xmlElement('provisionGroupList', { xmlns: NAMESPACE }, groups.map(groupElement)).text;
}

function groupElement({ group, values, markup }: FilledGroup): Markup | undefined {
  const form = GROUP_FORMS[group];
  const settings = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (entry[1] !== '' || DEMANDED.has(entry[0])),
  );
  const content = form === 'markup' ? markup : settings.map(([name, value]) => settingElement(form, name, value));
  if (content.length === 0) return undefined;
  if (form === 'instance') return xmlElement('provisionGroup', { name: group }, xmlElement('instance', {}, content));
  if (form === 'properties') return xmlElement('provisionGroup', { name: group }, xmlElement('propertyEntryList', {}, content));
  return xmlElement('provisionGroup', { name: group }, content);
}

function settingElement(form: 'elements' | 'instance' | 'properties', name: string, value: string): Markup {
  return form === 'elements' ? xmlElement(name, {}, value) : xmlElement('property', { name }, value);
}

/** Content type of the answer to LCS 2005 clients. */
export const LEGACY_TYPE = 'application/vnd-microsoft-roaming-provisioning+xml';

/**
 * The answer to `Event: vnd-microsoft-provisioning`: the user, and the phone lines that the client may control.
 * @param lineServer SIP URI of the gateway to the telephone system; without one there are no lines
 */
export function legacyDocument(user: User, lineServer: string | undefined): string {
  const lines = lineServer === undefined ? [] : user.phones.map((phone) => xmlElement('line', { uri: `tel:${phone}`, server: lineServer }));
  return xmlElement('provision', {}, xmlElement('user', { uri: `sip:${user.aor}` }, lines)).text;
}
