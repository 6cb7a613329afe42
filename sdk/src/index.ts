/** What plugins and servers are written against. */
export * from '@parley/core';
// Type and token share a name, which `export *` alone does not carry through two modules.
export { Bus, Clock, Store } from '@parley/core';
export { UNNAMED_ERROR_ID, diagnosticHeaders, diagnosticReason, quotableText } from './diagnostics.ts';
export { DIAGNOSTICS, DIAGNOSTIC_IDS, diagnosticOf } from './diagnostic-ids.ts';
export type { Diagnostic, DiagnosticName } from './diagnostic-ids.ts';
export * from './association/index.ts';
export * from './xml/index.ts';
export * from './soap/index.ts';
export * from './endpoint/index.ts';
export * from './kerberos/index.ts';
export * from './ntlm/index.ts';
export * from './csv/index.ts';
export { PresenceAccess } from './presence/access.ts';
export type { PresenceAccessEntry } from './presence/access.ts';
export * from './calls/index.ts';
