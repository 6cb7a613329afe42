/** Notifications about many contacts at once. RFC 4662; [MS-PRES] R21, R22; sheet section 3.10.2. */

/** One contact of a list. */
export type ListedResource =
  | {
      readonly state: 'active';
      readonly aor: string;
      readonly document: string;
      /** Default: that of categories. */ readonly contentType?: string;
    }
  | {
      readonly state: 'resubscribe';
      readonly aor: string;
      /** Complete SIP URI to subscribe to instead. */ readonly poolUri?: string | undefined;
    }
  | {
      readonly state: 'terminated';
      readonly aor: string;
      readonly reason: 'noresource' | 'rejected' | 'deactivated';
      readonly statusCode?: number;
    };

/** A body and what to call it. */
export interface ListBody {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The rlmi list and a part for each active resource.
 * @param owner address of record of the subscriber, whose list it is
 */
export function resourceListBody(owner: string, resources: readonly ListedResource[]): ListBody {
  void [owner, resources];
  return { contentType: '', body: '' };
}
