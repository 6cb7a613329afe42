/** What a user's endpoint does by SERVICE: publish, change who is in which container, take note of a watcher. [MS-PRES] R8 to R14, R17, R20 */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import { Location } from '@parley/plugin-registrar/api';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import { contentTypeOf } from './content-type.ts';
import {
  CONTENT_TYPES,
  categoryRules,
  readPublish,
  readSetContainerMembers,
  readSetDelegates,
  readSetSubscribers,
  roamingDataDocument,
} from './documents/index.ts';
import type { CategoryRules, Publication } from './documents/index.ts';
import { endpointKey, senderOf } from './endpoint-key.ts';
import { PresenceErrors } from './errors.ts';
import { Prompts } from './prompts.ts';
import { applyDelegates, applyMembers, applyPublications } from './publish.ts';
import { Requesters } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import type { Presentity } from './presentity.ts';
import { categoriesPart, mergeTouched, touchedBy } from './self-document.ts';
import type { TouchedCategories } from './self-document.ts';
import { SubscriptionTerms } from './subscription-terms.ts';

const SERVED: ReadonlySet<string> = new Set([
  CONTENT_TYPES.publish,
  CONTENT_TYPES.setContainerMembers,
  CONTENT_TYPES.setSubscribers,
  CONTENT_TYPES.setDelegates,
]);

@injectable()
export class Services {
  /** Since the start, for the metrics. */
  readonly counts = { publish: 0, members: 0, acknowledge: 0, delegates: 0 };
  private readonly rules: CategoryRules;

  constructor(
    @inject(Requesters) private readonly requesters: Requesters,
    @inject(Changes) private readonly changes: Changes,
    @inject(Prompts) private readonly prompts: Prompts,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'categories' | 'limits'>,
  ) {
    this.rules = categoryRules(config.categories);
  }

  /** Whether this plugin serves the body of a SERVICE. */
  serves(tx: PresenceRequest): boolean {
    return SERVED.has(contentTypeOf(tx.request));
  }

  /** Answers when it is committed. @throws PRESENCE_*, PRESENCE_DOCUMENT_* */
  async serve(tx: PresenceRequest): Promise<void> {
    const presentity = this.requesters.ownerOf(tx);
    const body = this.terms.bodyOf(tx.request, 'bodyBytes');
    switch (contentTypeOf(tx.request)) {
      case CONTENT_TYPES.publish:
        await this.publish(tx, presentity, body);
        break;
      case CONTENT_TYPES.setContainerMembers: {
        const changes = readSetContainerMembers(body);
        await this.changes.run(presentity, (draft) => applyMembers(draft, changes, presentity.aor, this.config.limits));
        tx.respond(200);
        this.counts.members++;
        break;
      }
      case CONTENT_TYPES.setDelegates: {
        const change = readSetDelegates(body);
        await this.changes.run(presentity, (draft) => applyDelegates(draft, change, presentity.aor, this.config.limits));
        tx.respond(200);
        this.counts.delegates++;
        break;
      }
      default:
        await this.prompts.acknowledge(presentity, readSetSubscribers(body));
        tx.respond(200);
        this.counts.acknowledge++;
    }
  }

  private async publish(tx: PresenceRequest, presentity: Presentity, body: Buffer): Promise<void> {
    const { aor } = presentity;
    const { aor: named = aor, publications } = readPublish(body, this.rules);
    if (named !== aor) throw PresenceErrors.PRESENCE_NOT_YOURS({ who: aor, aor: named });
    const binding = senderOf(tx.request, tx.flow, this.location.bindings(aor));
    const endpoint = binding === undefined ? undefined : endpointKey(binding);
    const { change } = await this.changes.run(
      presentity,
      (draft) => applyPublications(draft, publications, { aor, endpoint }, this.config.limits),
      { by: endpoint },
    );
    const touched = mergeTouched(categoriesOf(publications), touchedBy(change.draft));
    const answer = roamingDataDocument({ aor, ...categoriesPart(change.after, touched) });
    this.counts.publish++;
    tx.respond(200, {}, { body: answer, contentType: CONTENT_TYPES.roamingSelf });
  }
}

/** The categories that a request names, with the containers that it deletes from: they are told even when nothing was there. */
function categoriesOf(publications: readonly Publication[]): TouchedCategories {
  const touched = new Map<string, Set<number>>();
  for (const { name, container, deletes } of publications) {
    let containers = touched.get(name);
    if (containers === undefined) touched.set(name, (containers = new Set()));
    if (deletes) containers.add(container);
  }
  return touched;
}
