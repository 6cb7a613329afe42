/** The built-in functions that ask about users, endpoints and domains. Sheet mspl 4.9. */
import { encodeText } from '../../sip/index.ts';
import { CLUSTER_TYPE, STANDARD_METHOD, USER_OPTION } from '../enumerations.ts';
import type { ScriptEndpoint } from '../run.ts';
import type { ScriptState } from '../script-state.ts';
import { withinLimit } from './text-functions.ts';

function DomainSupported(s: ScriptState, _site: number, domain: string): boolean {
  return s.environment.domainSupported(encodeText(domain));
}

/** Endpoints come from memory: there is no cache for `forceDb` to pass by. */
function QueryEndpoints(s: ScriptState, site: number, userAtHost: string, _forceDb: boolean): readonly ScriptEndpoint[] {
  return withinLimit(s, site, 'QueryEndpoints', s.environment.endpoints(encodeText(userAtHost)));
}

/** Null, not "", for an unknown user (MSPL R29). */
function QueryHomeServer(s: ScriptState, _site: number, userAtHost: string, isPhone: boolean, cluster: number): string | null {
  return s.environment.homeServer(encodeText(userAtHost), isPhone, CLUSTER_TYPE.text(cluster));
}

function CheckUserOption(s: ScriptState, _site: number, key: string, option: number, keyIsPhone: boolean): boolean {
  return s.environment.checkUserOption(encodeText(key), USER_OPTION.text(option), keyIsPhone);
}

/** True if the method is in the mask or the list, or both are empty; never for no name or two (MSPL R28). */
function SupportsMethod(_s: ScriptState, _site: number, method: string, standardMethods: number, extraMethods: string): boolean {
  if (method === '' || method.includes(',')) return false;
  if (standardMethods === 0 && extraMethods.trim() === '') return true;
  if ((standardMethods & STANDARD_METHOD.valueOf(method)) !== 0) return true;
  return extraMethods !== '' && extraMethods.split(',').some((extra) => extra.trim() === method);
}

/** The built-in functions of this file, by name. */
export const QUERY_FUNCTIONS = {
  DomainSupported,
  QueryEndpoints,
  QueryHomeServer,
  CheckUserOption,
  SupportsMethod,
};
