/** What one contact is to one watcher, and how that is written. */
import type { Content, Notifier } from '@parley/sdk';
import type { WatcherIdentity } from './documents/index.ts';
import { isBlocked } from './back-pressure.ts';
import { Recipient } from './fan-out.ts';
import type { Presentity } from './presentity.ts';

/** A form in which presence is written for watchers. */
export interface PresenceForm {
  /** Everything of a contact in the container that the watcher is shown. @param names categories to tell of */
  content(presentity: Presentity | undefined, aor: string, container: number, names: ReadonlySet<string>): Content;
}

/** The subscription that a watched contact is part of. */
export interface WatchingSubscription {
  readonly watcher: WatcherIdentity;
  readonly form: PresenceForm;
  readonly notifier: Notifier | undefined;
}

/** One contact in one subscription. */
export class Watch extends Recipient {
  readonly paced = true;
  private due: ReadonlySet<string> | undefined = undefined;

  constructor(
    readonly subscription: WatchingSubscription,
    /** Of the contact. */
    readonly aor: string,
    /** Categories that are subscribed to. */
    readonly categories: ReadonlySet<string>,
    /** The container whose content is shown. */
    public container: number,
    private readonly find: (aor: string) => Presentity | undefined,
  ) {
    super();
  }

  get blocked(): boolean {
    return isBlocked(this.subscription.notifier);
  }

  /** These categories, all subscribed ones, have to be told. */
  note(names: ReadonlySet<string>): void {
    const { due } = this;
    if (due === undefined) this.due = names;
    else if (due !== names && !names.isSubsetOf(due)) this.due = due.union(names);
  }

  /** The subscriber has been told everything. */
  clear(): void {
    this.due = undefined;
  }

  tell(): void {
    const names = this.due;
    this.due = undefined;
    if (names === undefined) return;
    const { form, notifier } = this.subscription;
    notifier?.notify(form.content(this.find(this.aor), this.aor, this.container, names));
  }
}
