/** One endpoint's subscription to its own user: what is published, who is in which container, who has asked to watch. */
import type { Content, Notifier, NotifierUser } from '@parley/sdk';
import type { Change } from './changes.ts';
import { CONTENT_TYPES, pendingWatchersDocument, roamingDataDocument } from './documents/index.ts';
import type { RoamingData, RoamingSet } from './documents/index.ts';
import { Recipient } from './fan-out.ts';
import type { PresenceState } from './presence-state.ts';
import type { Presentity } from './presentity.ts';
import { categoriesPart, mergeTouched, touchedBy } from './self-document.ts';
import type { TouchedCategories } from './self-document.ts';
import { isBlocked } from './back-pressure.ts';

const NOTHING: TouchedCategories = new Map();

export class SelfSubscription extends Recipient implements NotifierUser {
  readonly paced = false;
  notifier: Notifier | undefined = undefined;
  private categories: TouchedCategories = NOTHING;
  private readonly containers = new Set<number>();
  private subscribers = false;
  private delegates = false;

  constructor(
    readonly presentity: Presentity,
    /** See endpoint-key.ts; undefined when the subscriber is not registered. */
    readonly endpoint: string | undefined,
    /** What it wants to be told. */
    private readonly sets: ReadonlySet<RoamingSet>,
    private readonly form: SelfForm,
    private readonly ended: (subscription: SelfSubscription) => void,
  ) {
    super();
  }

  get blocked(): boolean {
    return isBlocked(this.notifier);
  }

  /** Takes note of a change; false when there is nothing in it for this one. */
  note({ draft, by }: Change): boolean {
    let due = false;
    // The endpoint that publishes learns what comes of it from the answer.
    if (this.sets.has('categories') && draft.changedInstances.size > 0 && (by === undefined || by !== this.endpoint)) {
      this.categories = mergeTouched(this.categories, touchedBy(draft));
      due = true;
    }
    if (this.sets.has('containers') && draft.changedContainers.size > 0) {
      for (const id of draft.changedContainers.keys()) this.containers.add(id);
      due = true;
    }
    if (this.sets.has('subscribers') && draft.changedSubscribers.size > 0) this.subscribers = due = true;
    if (this.sets.has('delegates') && draft.changedDelegates !== undefined) this.delegates = due = true;
    return due;
  }

  tell(): void {
    const { state } = this.presentity;
    const content = this.form({
      aor: this.presentity.aor,
      ...(this.categories.size > 0 && categoriesPart(state, this.categories)),
      containers: this.containers.size > 0 ? [...state.containers.values()].filter(({ id }) => this.containers.has(id)) : undefined,
      subscribers: this.subscribers ? askingOf(state) : undefined,
      delegates: this.delegates ? state.delegates : undefined,
    });
    this.clear();
    this.notifier?.notify(content);
  }

  /** Everything that it wants: the first document, and the one after a refresh. */
  current(): Content {
    this.clear();
    const { aor, state } = this.presentity;
    const data: RoamingData = {
      aor,
      categories: this.sets.has('categories') ? [...state.instances.values()] : undefined,
      containers: this.sets.has('containers') ? [...state.containers.values()] : undefined,
      subscribers: this.sets.has('subscribers') ? askingOf(state) : undefined,
      delegates: this.sets.has('delegates') ? state.delegates : undefined,
    };
    return this.form(data);
  }

  onEnded(): void {
    this.ended(this);
  }

  private clear(): void {
    this.categories = NOTHING;
    this.containers.clear();
    this.subscribers = this.delegates = false;
  }
}

/** Those whom the user has not taken note of yet. */
function askingOf(state: PresenceState): RoamingData['subscribers'] {
  return [...state.subscribers.values()].filter(({ acknowledged }) => !acknowledged);
}

/** Writes what an endpoint is told. */
export type SelfForm = (data: RoamingData) => Content;

/** For `vnd-microsoft-roaming-self`. */
export const roamingForm: SelfForm = (data) => ({ body: roamingDataDocument(data), contentType: CONTENT_TYPES.roamingSelf });

/** For `presence.wpending`: those alone who wait. */
export const pendingForm: SelfForm = ({ subscribers = [] }) => ({
  body: pendingWatchersDocument(subscribers),
  contentType: CONTENT_TYPES.pendingWatchers,
});
