export { DialogLayer } from './dialog-layer.ts';
export type { ImplicitDialog, NewRequest } from './dialog-layer.ts';
export { DialogTable } from './dialog-table.ts';
export { DEFAULT_DIALOG_OPTIONS } from './agent.ts';
export type { Agent, DialogOptions, NextHop, ReceivedRequest, Usage } from './agent.ts';
export { nextHopBy } from './next-hop.ts';
export { Dialog, dialogKey } from './dialog.ts';
export type { DialogState } from './dialog.ts';
export type { Content, Header } from './content.ts';
export { Session } from './session.ts';
export type { EndReason, SessionUser } from './session.ts';
export { IncomingInvite } from './incoming-invite.ts';
export { IncomingRequest } from './incoming-request.ts';
export { OutgoingInvite } from './outgoing-invite.ts';
export type { InviteUser } from './outgoing-invite.ts';
export { Notifier } from './notifier.ts';
export type { NotifierEnd, NotifierOptions, NotifierUser } from './notifier.ts';
export { Subscriber } from './subscriber.ts';
export type { SubscriberEnd, SubscriberUser } from './subscriber.ts';
export {
  AUTOEXTEND_OPTION,
  BENOTIFY_OPTION,
  PIGGYBACK_OPTION,
  offers,
  readSubscriptionState,
  writeSubscriptionState,
} from './subscription-state.ts';
export type { SubscriptionState } from './subscription-state.ts';
export type { InviteUsage, Verdict } from './invite-usage.ts';
export { DialogErrors } from './errors.ts';
