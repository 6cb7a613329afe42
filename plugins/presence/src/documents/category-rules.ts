/** Categories that may be published. [MS-PRES] R11, R12; sheet ms-pres-schemas section 3.4. */

/** What is known of a category. */
export interface CategoryRule {
  readonly name: string;
  /** Local name and namespaces of its root element; undefined: any. */
  readonly root?: { readonly local: string; readonly namespaces: readonly string[] } | undefined;
  /** Watchers are never shown it. */
  readonly private: boolean;
  /** Whether the server alone may publish this instance. */
  readonly serverOwns: (instance: number) => boolean;
}

/** By name. */
export type CategoryRules = ReadonlyMap<string, CategoryRule>;

/** The categories of [MS-PRES]. */
export const CATEGORY_RULES: CategoryRules = new Map();

/** Those and an operator's own, which may have any content. */
export function categoryRules(names: readonly string[]): CategoryRules {
  return new Map([...CATEGORY_RULES.values(), ...names.map(ownCategory)].map((rule) => [rule.name, rule]));
}

function ownCategory(name: string): CategoryRule {
  return { name, private: false, serverOwns: () => false };
}
