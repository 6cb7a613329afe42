/** A call that a plugin takes itself. RFC 3261 section 13.3. */
import type { Content, Dialogs, RequestContext, Session, SessionUser } from '@parley/core';

/** What of a dispatched INVITE an answer is made from. */
export type AnsweredRequest = Pick<RequestContext, 'transaction'>;

/** What the plugin does in the call; all may be left out. */
export interface AnswerUser extends SessionUser {
  /** Called when the 2xx is on its way. */
  onAccepted?(session: Session): void;
}

/**
 * Takes the INVITE that a script dispatched with a 200, and gives the session: `session.bye()` ends it, `session.request('INFO', ...)`
 * talks in it. To ring first, or to refuse, use `dialogs.answer`. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN, DIALOG_LIMIT.
 * @example answer(this.dialogs, tx, { body: sdp, contentType: 'application/sdp' }, { onEnded: () => this.free() });
 */
export function answer(dialogs: Pick<Dialogs, 'answer'>, tx: AnsweredRequest, content: Content, user: AnswerUser = {}): Session {
  const invite = dialogs.answer(tx, user);
  invite.accept(content);
  user.onAccepted?.(invite.session);
  return invite.session;
}
