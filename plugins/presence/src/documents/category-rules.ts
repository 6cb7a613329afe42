/** Categories that may be published. [MS-PRES] R11, R12, S15; sheet ms-pres-schemas section 3.4. */
import { NAMESPACES } from './namespaces.ts';

/** What is known of a category. */
export interface CategoryRule {
  readonly name: string;
  /** Namespaces that its root element may have; undefined: any. */
  readonly namespaces?: readonly string[] | undefined;
  /** Watchers are never shown it. */
  readonly private: boolean;
  /** Whether the server alone may publish this instance. */
  readonly serverOwns: (instance: number) => boolean;
}

/** By name. */
export type CategoryRules = ReadonlyMap<string, CategoryRule>;

/** Aggregates: of the blocked, of everything, of the machines. */
const AGGREGATES: ReadonlySet<number> = new Set([0, 1, 0x1000_0000]);
const none = (): boolean => false;
const all = (): boolean => true;

function rule(name: string, namespace: string | readonly string[], more: Partial<CategoryRule> = {}): CategoryRule {
  return { name, namespaces: typeof namespace === 'string' ? [namespace] : namespace, private: false, serverOwns: none, ...more };
}

/** The categories of [MS-PRES]. */
export const CATEGORY_RULES: CategoryRules = new Map(
  [
    rule('alerts', NAMESPACES.alerts),
    rule('calendarData', NAMESPACES.calendarData),
    rule('contactCard', NAMESPACES.contactCard, { serverOwns: (instance) => instance === 0 }),
    rule('device', NAMESPACES.device),
    rule('dndState', NAMESPACES.state, { private: true }),
    rule('legacyInterop', NAMESPACES.categories, { private: true, serverOwns: all }),
    rule('mwi', NAMESPACES.mwi),
    rule('note', NAMESPACES.note),
    rule('noteHistory', NAMESPACES.note),
    rule('otherOptions', NAMESPACES.otherOptions),
    rule('rccOptions', NAMESPACES.rccOptions),
    rule('routing', [NAMESPACES.routing, NAMESPACES.routing2006], { private: true }),
    rule('services', NAMESPACES.services, { serverOwns: all }),
    rule('state', NAMESPACES.state, { serverOwns: (instance) => AGGREGATES.has(instance) }),
    rule('userInformation', NAMESPACES.userInformation),
    rule('userProperties', NAMESPACES.categories, { serverOwns: all }),
    rule('workingHours', NAMESPACES.calendarData),
  ].map((one) => [one.name, one]),
);

/** Those and an operator's own, which may have any content. One that is there already stays as it is. */
export function categoryRules(names: readonly string[]): CategoryRules {
  return new Map([...names.map(ownCategory), ...CATEGORY_RULES.values()].map((one) => [one.name, one]));
}

function ownCategory(name: string): CategoryRule {
  return { name, private: false, serverOwns: none };
}
