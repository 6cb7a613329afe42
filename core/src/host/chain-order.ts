/** The order of the application chain: priorities, the configuration's list, and the places that an operator has given. */
import { basename } from 'node:path';
import type { CompiledApplication } from '../script/index.ts';
import type { ApplicationSettings, ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** A plugin's script that names no priority. */
export const DEFAULT_PRIORITY = 500;
/** An operator's script runs before the plugins' when its manifest asks for that, else behind those that home users. */
const OPERATOR_FIRST = 100;
const OPERATOR = 350;

/** What has to be known of an application to find its place. */
export interface Placed {
  readonly source: ScriptSource;
  readonly compiled: CompiledApplication;
}

export interface OrderOptions {
  /** Names in the order wanted; those not named come behind, by priority. */
  readonly order: readonly string[];
  /** By name of the application. */
  readonly settings: ReadonlyMap<string, ApplicationSettings>;
  /** A place that cannot be had: the application goes by its priority. */
  warn(text: string): void;
}

/**
 * First those of `order` that have no place of their own, then by priority, low numbers first; who was given a number by an operator comes before others of the same
 * number (MSPL R52: an insertion moves the others on). Then those with a place beside another one go there. Throws HOST_SCRIPT_ORDER.
 */
export function inOrder<T extends Placed>(applications: readonly T[], options: OrderOptions): T[] {
  const { order, settings } = options;
  const named = order.map((name) => {
    const found = applications.find(({ source }) => source.name === name || basename(source.path) === name);
    if (found !== undefined) return found;
    throw ServerErrors.HOST_SCRIPT_ORDER({ name, known: applications.map(({ source }) => source.name).join(', ') });
  });
  const placeOf = ({ source }: T): string | undefined => settings.get(source.name)?.place?.kind;
  const isBeside = (application: T): boolean => placeOf(application) === 'before' || placeOf(application) === 'after';
  const byPriority = applications
    .filter((application) => !isBeside(application) && (!named.includes(application) || placeOf(application) === 'priority'))
    .sort((a, b) => priorityOf(a, settings) - priorityOf(b, settings) || sequenceOf(b, settings) - sequenceOf(a, settings));
  // A place that an operator gives counts for more than the list in the configuration.
  const ordered = [...named.filter((application) => placeOf(application) === undefined), ...byPriority];
  const beside = applications.filter(isBeside).sort((a, b) => sequenceOf(a, settings) - sequenceOf(b, settings));
  return insertBeside(ordered, beside, options);
}

/** Puts each of `beside` next to its anchor, which may be another of them; without its anchor it goes by its own priority. */
function insertBeside<T extends Placed>(ordered: T[], beside: T[], options: OrderOptions): T[] {
  const { settings } = options;
  let waiting = beside;
  while (waiting.length > 0) {
    const left = waiting.filter((application) => {
      const place = settings.get(application.source.name)?.place;
      if (place === undefined || place.kind === 'priority') return true;
      const at = ordered.findIndex(({ source }) => source.name === place.anchor);
      if (at < 0) return true;
      ordered.splice(place.kind === 'before' ? at : at + 1, 0, application);
      return false;
    });
    if (left.length === waiting.length) {
      const [application, ...others] = left as [T, ...T[]];
      const { name } = application.source;
      const place = settings.get(name)?.place;
      options.warn(
        `${name} is to stand ${place?.kind} ${place !== undefined && 'anchor' in place ? place.anchor : ''}, which is not in the chain`,
      );
      const behind = ordered.findIndex((other) => priorityOf(other, settings) > ownPriority(application));
      ordered.splice(behind < 0 ? ordered.length : behind, 0, application);
      waiting = others;
    } else waiting = left;
  }
  return ordered;
}

function sequenceOf({ source }: Placed, settings: OrderOptions['settings']): number {
  const own = settings.get(source.name);
  return own?.place?.kind === undefined ? 0 : own.sequence;
}

function priorityOf(application: Placed, settings: OrderOptions['settings']): number {
  const place = settings.get(application.source.name)?.place;
  return place?.kind === 'priority' ? place.priority : ownPriority(application);
}

/** Where it stands without an operator's word. */
function ownPriority({ source, compiled }: Placed): number {
  if (source.priority !== undefined) return source.priority;
  if (source.plugin !== undefined) return DEFAULT_PRIORITY;
  return compiled.manifest.allowRegistrationBeforeUserServices ? OPERATOR_FIRST : OPERATOR;
}
