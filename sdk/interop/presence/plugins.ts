/** Servers with presence, by their plugins. */

/** What clients of Live Communications Server and its successors need; they sign in by NTLM. */
export const WITH_PRESENCE: Readonly<Record<string, object>> = {
  directory: {},
  'auth-ntlm': {},
  registrar: {},
  provisioning: {},
  contacts: {},
  presence: {},
  routing: {},
  diagnostics: {},
};

/** Configuration of a plugin that asks nobody for a password, as in closed networks. */
export const NOBODY = { requireAuthentication: false };

/** Presence of the directory's users, who are believed to be who they say. */
export const OPEN_PRESENCE: Readonly<Record<string, object>> = { directory: {}, registrar: NOBODY, presence: NOBODY, routing: NOBODY };
