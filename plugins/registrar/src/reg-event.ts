/** The `reg` event package: an endpoint learns where its user is registered, and when that changes. RFC 3680. */
import { Dialogs, H, PluginConfig, decodeText, inject, injectable, xmlDocument, xmlElement } from '@parley/sdk';
import type { Content, Markup, Notifier, RequestContext } from '@parley/sdk';
import type { UnboundReason } from './api.ts';
import type { BindingRecord } from './binding.ts';
import { Bindings } from './bindings.ts';
import type { RegistrarConfig } from './config.ts';
import { RegistrarErrors } from './errors.ts';

export const REG_PACKAGE = 'reg';
const TYPE = 'application/reginfo+xml';
const NAMESPACE = 'urn:ietf:params:xml:ns:reginfo';
/** RFC 3680 section 4.4. */
const LONGEST_SECONDS = 3761;

/** Why a contact is gone, in the words of RFC 3680 section 5.3. */
const EVENTS: { readonly [Reason in UnboundReason]: string } = {
  unregistered: 'unregistered',
  expired: 'expired',
  disconnected: 'expired',
  quota: 'deactivated',
  administrator: 'deactivated',
  password: 'deactivated',
  moved: 'deactivated',
  disabled: 'rejected',
};

/** What the handler uses of a request. */
export type RegRequest = Pick<RequestContext, 'request' | 'transaction' | 'identity' | 'proxy'>;

interface Subscription {
  readonly aor: string;
  /** Of the documents, from 0. */
  version: number;
  notifier: Notifier | undefined;
}

/** A contact that has just gone, told once. */
interface Gone {
  readonly record: BindingRecord;
  readonly event: string;
}

@injectable()
export class RegEvents {
  private readonly byAor = new Map<string, Set<Subscription>>();

  constructor(
    @inject(Bindings) private readonly bindings: Pick<Bindings, 'held'>,
    @inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'notifier'>,
    @inject(PluginConfig) private readonly config: Pick<RegistrarConfig, 'requireAuthentication'>,
  ) {}

  /** Serves a SUBSCRIBE for one's own registrations. Throws REGISTRAR_NOT_AUTHENTICATED and REGISTRAR_NOT_YOUR_REGISTRATIONS. */
  subscribe(tx: RegRequest): void {
    const { request, identity } = tx;
    if ((request.first(H.Event) ?? '').split(';', 1)[0]?.trim().toLowerCase() !== REG_PACKAGE) {
      tx.proxy();
      return;
    }
    const aor = decodeText(request.requestUri.userAtHost).toLowerCase();
    if (identity === undefined && this.config.requireAuthentication) throw RegistrarErrors.REGISTRAR_NOT_AUTHENTICATED();
    const who = identity?.aor ?? decodeText(request.from.uri.userAtHost).toLowerCase();
    if (who !== aor) throw RegistrarErrors.REGISTRAR_NOT_YOUR_REGISTRATIONS({ identity: who, aor });
    const subscription: Subscription = { aor, version: 0, notifier: undefined };
    const user = { current: () => this.document(subscription, []), onEnded: () => this.forget(subscription) };
    subscription.notifier = this.dialogs.notifier(tx, { expires: LONGEST_SECONDS }, user);
    if (subscription.notifier.remaining > 0) this.remember(subscription);
  }

  /** A contact of this address has come or moved. */
  added(aor: string): void {
    this.tell(aor, []);
  }

  /** A registration has ended; it is not among the held ones any more. */
  ended(record: BindingRecord, reason: UnboundReason): void {
    this.tell(record.aor, [{ record, event: EVENTS[reason] }]);
  }

  private tell(aor: string, gone: readonly Gone[]): void {
    for (const subscription of this.byAor.get(aor) ?? []) subscription.notifier?.notify(this.document(subscription, gone));
  }

  private document(subscription: Subscription, gone: readonly Gone[]): Content {
    const { aor } = subscription;
    const held = this.bindings.held(aor);
    const contacts = [
      ...held.map((record) => contactElement(record, 'active', 'registered')),
      ...gone.map(({ record, event }) => contactElement(record, 'terminated', event)),
    ];
    const state = held.length > 0 ? 'active' : gone.length > 0 ? 'terminated' : 'init';
    const registration = xmlElement('registration', { aor: `sip:${aor}`, id: 'r1', state }, contacts);
    const root = xmlElement('reginfo', { xmlns: NAMESPACE, version: subscription.version++, state: 'full' }, registration);
    return { body: xmlDocument(root), contentType: TYPE };
  }

  private remember(subscription: Subscription): void {
    const known = this.byAor.get(subscription.aor);
    if (known === undefined) this.byAor.set(subscription.aor, new Set([subscription]));
    else known.add(subscription);
  }

  private forget(subscription: Subscription): void {
    const known = this.byAor.get(subscription.aor);
    known?.delete(subscription);
    if (known?.size === 0) this.byAor.delete(subscription.aor);
  }
}

function contactElement(record: BindingRecord, state: 'active' | 'terminated', event: string): Markup {
  const q = record.q === 1000 ? undefined : String(record.q / 1000);
  return xmlElement('contact', { id: `c${record.id}`, state, event, q }, xmlElement('uri', {}, decodeText(record.contact)));
}
