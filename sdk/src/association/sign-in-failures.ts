/**
 * Why nobody was let in, as it follows on "sign-in failed:" in the log. Every way to sign in says it in these words, by which
 * docs/sign-in-errors.md lists what to do. Names and addresses alone: what is in a log must not let anybody in.
 */
export const SignInFailure = {
  /** @param name as it was typed */
  unknownName: (name: string): string => `nobody has the sign-in name ${name}; parley user change URI --login adds it`,
  noPassword: (aor: string): string => `${aor} has no password; parley user password ${aor} sets one`,
  wrongPassword: (name: string, aor: string): string => `wrong password for ${name} (${aor})`,
  disabled: (aor: string): string => `${aor} is disabled; parley user enable ${aor} changes that`,
  somebodyElse: (aor: string): string =>
    `${aor} signed in as somebody else; add the address or number to the user, or mend the client's sign-in address`,
} as const;
