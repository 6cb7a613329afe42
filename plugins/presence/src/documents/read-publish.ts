/** Reads what a client wants to publish. [MS-PRES] R8 to R13, S15, S16; sheet section 3.4. */
import type { DeviceDocument, StateDocument } from '../aggregate/index.ts';
import { CATEGORY_RULES } from './category-rules.ts';
import type { CategoryRules } from './category-rules.ts';
import type { ExpireType, InstanceKey } from './category.ts';

/** One instance to be published or deleted. */
export interface Publication extends InstanceKey {
  /** The version that the publisher knows; 0: none. */
  readonly version: number;
  readonly expireType: ExpireType;
  /** Seconds, for `time`; from 1. */
  readonly expires?: number | undefined;
  /** Asked to be deleted (`expires="0"`). */
  readonly deletes: boolean;
  /** The category document as it was sent, with what it needs of namespaces declared around it; empty when there is none. */
  readonly content: string;
  /** What aggregation needs of a `state`. */
  readonly state?: StateDocument | undefined;
  /** What aggregation needs of a `device`. */
  readonly device?: DeviceDocument | undefined;
}

/** A publish that was read. */
export interface PublishRequest {
  /** Whose publications they are said to be: address of record in lower case without scheme; undefined when it is not said. */
  readonly aor: string | undefined;
  /** At least one; no two for the same instance. Their places count from 1 in faults. */
  readonly publications: readonly Publication[];
}

/**
 * Reads the body of a SERVICE.
 * @throws PRESENCE_DOCUMENT_* with status 400, 403 (an instance of the server's own) or 413
 */
export function readPublish(body: Buffer | string, rules: CategoryRules = CATEGORY_RULES): PublishRequest {
  void [body, rules];
  return { aor: undefined, publications: [] };
}
