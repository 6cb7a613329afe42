/** Names of plugins as TypeScript writes them. */

/** `auth-digest` is `authDigest`. */
export function identifierOf(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `auth-digest` is `AuthDigest`. */
export function classNameOf(name: string): string {
  const identifier = identifierOf(name);
  return identifier.charAt(0).toUpperCase() + identifier.slice(1);
}
