/** From what an administrator wrote to a user that could be stored: normalised, with everything that is wrong about it. */
import type { ParleyError } from '@parley/sdk';
import type { NewUser } from './api.ts';
import { DirectoryErrors } from './errors.ts';
import { MAX_NAME, domainOf, foldName, isLogin, isPrintableName, normaliseAor, userPartOf } from './names.ts';
import type { PasswordPolicy } from './password-policy.ts';
import { passwordFaults } from './password-policy.ts';
import { normalisePhone } from './phone.ts';

/** Most sign-in names, and most phone numbers, of one user. */
export const MAX_LISTED = 16;
/** Most groups of one user. */
export const MAX_GROUPS = 256;

/** What drafts are held against. */
export interface DraftRules {
  readonly domains: readonly string[];
  readonly passwords: PasswordPolicy;
}

/** A user whose names are normalised. `password` is in normalisation form C. */
export interface Draft {
  readonly aor: string;
  readonly displayName: string;
  readonly logins: readonly string[];
  readonly phones: readonly string[];
  readonly groups: readonly string[];
  readonly enabled: boolean;
  readonly password: string | undefined;
  readonly faults: readonly ParleyError[];
}

/** Normalises a user and lists every fault; only a draft without faults may be stored. Whether names are free is not looked at. */
export function draftUser(input: NewUser, rules: DraftRules): Draft {
  const faults: ParleyError[] = [];
  const aor = draftAor(input.uri, rules, faults);
  const password = input.password?.normalize('NFC');
  if (password !== undefined) faults.push(...weaknesses(password, aor, rules.passwords));
  return {
    aor,
    displayName: draftDisplayName(input.displayName ?? userPartOf(aor), faults),
    logins: draftLogins(input.logins ?? [], faults),
    phones: draftPhones(input.phones ?? [], faults),
    groups: draftGroups(input.groups ?? [], faults),
    enabled: input.enabled ?? true,
    password,
    faults,
  };
}

/** The faults of a password as errors, DIRECTORY_PASSWORD_WEAK. */
export function weaknesses(password: string, aor: string, policy: PasswordPolicy): ParleyError[] {
  const reasons = passwordFaults(policy, password, userPartOf(aor));
  return reasons.length === 0 ? [] : [DirectoryErrors.DIRECTORY_PASSWORD_WEAK({ reasons: reasons.join('; ') })];
}

/** A group's name as it is stored; a fault when it cannot be one. */
export function draftGroupName(name: string, faults: ParleyError[]): string {
  if (!isPrintableName(name) || name.includes(',') || name.includes(';')) {
    faults.push(DirectoryErrors.DIRECTORY_NAME_MALFORMED({ what: 'group name', found: name, max: MAX_NAME }));
  }
  return name.trim().normalize('NFC');
}

function draftAor(uri: string, rules: DraftRules, faults: ParleyError[]): string {
  const aor = normaliseAor(uri);
  if (aor === undefined) {
    faults.push(DirectoryErrors.DIRECTORY_URI_MALFORMED({ found: uri.slice(0, MAX_NAME), domain: rules.domains[0] ?? 'example.com' }));
    return '';
  }
  const domain = domainOf(aor);
  if (!rules.domains.includes(domain)) {
    faults.push(DirectoryErrors.DIRECTORY_DOMAIN_UNKNOWN({ domain, aor, domains: rules.domains.join(', ') }));
  }
  return aor;
}

function draftDisplayName(name: string, faults: ParleyError[]): string {
  // Without an address there is no default name either; that fault is listed already.
  if (name !== '' && !isPrintableName(name)) {
    faults.push(DirectoryErrors.DIRECTORY_NAME_MALFORMED({ what: 'display name', found: name.slice(0, MAX_NAME), max: MAX_NAME }));
  }
  return name.trim().normalize('NFC');
}

function draftLogins(logins: readonly string[], faults: ParleyError[]): string[] {
  for (const login of logins.filter((l) => !isLogin(l.trim()))) {
    faults.push(DirectoryErrors.DIRECTORY_LOGIN_MALFORMED({ found: login.slice(0, MAX_NAME), max: MAX_NAME }));
  }
  return bounded('sign-in names', MAX_LISTED, unique(logins), faults);
}

function draftPhones(phones: readonly string[], faults: ParleyError[]): string[] {
  const numbers: string[] = [];
  for (const phone of phones) {
    const number = normalisePhone(phone);
    if (number === undefined) faults.push(DirectoryErrors.DIRECTORY_PHONE_MALFORMED({ found: phone.slice(0, MAX_NAME) }));
    else numbers.push(number);
  }
  return bounded('phone numbers', MAX_LISTED, unique(numbers), faults);
}

function draftGroups(groups: readonly string[], faults: ParleyError[]): string[] {
  const names = groups.map((name) => draftGroupName(name, faults));
  return bounded('groups', MAX_GROUPS, unique(names), faults);
}

function bounded(what: string, max: number, list: string[], faults: ParleyError[]): string[] {
  if (list.length > max) faults.push(DirectoryErrors.DIRECTORY_LIST_TOO_LONG({ what, max, found: list.length }));
  return list;
}

/** The first spelling of each, in order. */
function unique(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = foldName(name);
    if (!seen.has(key)) seen.set(key, name.trim().normalize('NFC'));
  }
  return [...seen.values()];
}
