/** Which applications want which requests, worked out once per chain so that an uninterested one costs a message nothing. */
import type { CompiledApplication } from './application.ts';

/** The methods of a plugin's handler that its scripts may dispatch to, by name. */
export type HandlerMethods = ReadonlyMap<string, (...args: never[]) => unknown>;

/** An application in its place in the chain. */
export interface ChainedApplication {
  readonly compiled: CompiledApplication;
  /** What the operator calls it: `registrar/routes.am`. */
  readonly name: string;
  /** The plugin it came with; undefined for the operator's own scripts. */
  readonly plugin: string | undefined;
  readonly handler: HandlerMethods | undefined;
  /** Since it was last enabled; the tenth disables it. */
  criticalErrors: number;
  disabled: boolean;
  /** Asked for each message, when there: false lets the message pass it by. For an application whose process may be gone. */
  readonly available?: (() => boolean) | undefined;
  /** Asked by each Dispatch, when there: true makes it give false, with nothing dispatched. Sheet mspl 4.9, overload. */
  readonly busy?: (() => boolean) | undefined;
}

/** Whether a message is shown to it at all, whatever its filters say. */
export function isOpen(application: ChainedApplication): boolean {
  return !application.disabled && (application.available === undefined || application.available());
}

/** The methods that a manifest can name; any other request is OTHER. Sheet mspl 3.1. */
const NAMED = new Set('ACK BENOTIFY BYE INFO INVITE MESSAGE NOTIFY OPTIONS REFER REGISTER SERVICE SUBSCRIBE'.split(' '));
const OTHER = 'OTHER';

interface Interest {
  readonly free: readonly ChainedApplication[];
  readonly fixed: readonly ChainedApplication[];
  /** Those that want requests of the server's own, too. */
  readonly generated: readonly ChainedApplication[];
}

export class ChainIndex {
  private readonly byMethod = new Map<string, Interest>();

  /** @param applications in chain order */
  constructor(readonly applications: readonly ChainedApplication[]) {
    for (const method of [...NAMED, OTHER]) {
      const wanting = applications.filter((application) => application.compiled.manifest.wantsRequest(method));
      const generated = wanting.filter((application) => application.compiled.manifest.registrarGenerated);
      const fixed = wanting.filter((application) => application.compiled.manifest.strictRoute);
      this.byMethod.set(method, { free: wanting, fixed, generated });
    }
  }

  /** The applications whose requestFilter takes `method`; with `fixedRoute` only those that ask for strictRoute (MSPL R6, R9). */
  interested(method: string, fixedRoute: boolean): readonly ChainedApplication[] {
    const interest = this.interest(method);
    return fixedRoute ? interest.fixed : interest.free;
  }

  /** The applications that see requests which the server makes itself (MSPL R10). */
  generated(method: string, fixedRoute: boolean): readonly ChainedApplication[] {
    const { generated } = this.interest(method);
    return fixedRoute ? generated.filter((application) => application.compiled.manifest.strictRoute) : generated;
  }

  private interest(method: string): Interest {
    return (this.byMethod.get(method) ?? this.byMethod.get(OTHER)) as Interest;
  }
}

/** Why the chain's index leaves an application out: for traces. */
export function whyUninterested({ compiled: { manifest } }: ChainedApplication, method: string, generated: boolean): string {
  const { methods } = manifest;
  if (!manifest.wantsRequest(method)) return `requestFilter takes ${typeof methods === 'string' ? methods : [...methods].join(', ')}`;
  return generated && !manifest.registrarGenerated
    ? 'made by the server, and registrarGenerated is false'
    : 'its route is fixed, and strictRoute is false';
}

/** Why an application in its turn does not see a message; undefined when it does. */
export function whySkipped(application: ChainedApplication): string {
  if (application.disabled) return 'stopped after too many critical errors';
  return isOpen(application) ? 'domainSupported or phoneUri of its requestFilter' : 'its process is not there';
}
