/** What follows when the server ends a registration: the endpoint is told, and its subscriptions end. [MS-SIPREGE] R8, R17. */
import { Dialogs, inject, injectable } from '@parley/sdk';
import type { Flow } from '@parley/sdk';
import type { UnboundReason } from './api.ts';
import type { BindingRecord } from './binding.ts';
import { SIGN_OUT_NOTICES, noticeContent } from './sign-out-notice.ts';
import type { SignOutNotice } from './sign-out-notice.ts';

/** The request that a REGISTER with `Event: registration` has announced: the first and last of its implicit dialog. */
const FIRST_SEQUENCE = 1;

@injectable()
export class SigningOut {
  constructor(@inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'request' | 'endSubscriptions'>) {}

  /**
   * A registration ends; its connection is still known.
   * @param others whether others are registered on the same connection
   */
  ended(record: BindingRecord, reason: UnboundReason, others: boolean): void {
    const notice = SIGN_OUT_NOTICES[reason];
    const { flow } = record;
    if (notice !== undefined) this.tell(record, notice, others);
    if (flow?.open === true) this.dialogs.endSubscriptions(flow, record.aor, notice?.subscriptions ?? 'deactivated');
  }

  private tell(record: BindingRecord, notice: SignOutNotice, others: boolean): void {
    const { subscriber, flow, contact, aor, callId } = record;
    if (subscriber === undefined || flow?.open !== true) {
      if (notice.closes === true && !others) flow?.close(notice.text);
      return;
    }
    const parts = {
      uri: contact,
      from: `<sip:${aor}>`,
      to: subscriber.from,
      within: { callId, tag: subscriber.tag, sequence: FIRST_SEQUENCE },
      flow,
      ...noticeContent(notice),
    };
    this.dialogs.request('NOTIFY', parts, () => {
      if (notice.closes === true && !others) closeFlow(flow, notice.text);
    });
  }
}

function closeFlow(flow: Flow, why: string): void {
  if (flow.open) flow.close(why);
}
