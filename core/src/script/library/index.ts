/** Everything that generated code calls, by the names that it uses. */
import { ENUMERATIONS } from '../enumerations.ts';
import type { Enumeration } from '../enumerations.ts';

export * from './address-functions.ts';
export * from './fields.ts';
export * from './file-functions.ts';
export * from './header-functions.ts';
export * from './operators.ts';
export * from './query-functions.ts';
export * from './routing-functions.ts';
export * from './text-functions.ts';

const named = (name: string): Enumeration => ENUMERATIONS.get(name) as Enumeration;

export const StandardMethod = named('StandardMethod');
export const StatusClass = named('StatusClass');
export const StandardHeader = named('StandardHeader');
export const MessageOrigin = named('MessageOrigin');
export const ExternalSourceType = named('ExternalSourceType');
export const ExternalSourceNetwork = named('ExternalSourceNetwork');
export const ServerRole = named('ServerRole');
export const ClusterType = named('ClusterType');
export const UserOption = named('UserOption');
export const UserPolicyType = named('UserPolicyType');
