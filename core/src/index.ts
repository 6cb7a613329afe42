/** The whole of core, for the sdk and the command line. */
export * from './errors/index.ts';
export * from './clock/index.ts';
export * from './sip/index.ts';
export * from './transport/index.ts';
export * from './transaction/index.ts';
export { DialogErrors, offers } from './dialog/index.ts';
export type {
  Content,
  Dialog,
  EndReason,
  ImplicitDialog,
  IncomingInvite,
  IncomingRequest,
  InviteUser,
  NewRequest,
  Notifier,
  NotifierEnd,
  NotifierOptions,
  NotifierUser,
  OutgoingInvite,
  ReceivedRequest,
  Session,
  SessionUser,
  Subscriber,
  SubscriberEnd,
  SubscriberUser,
  SubscriptionState,
} from './dialog/index.ts';
export * from './script/index.ts';
export * from './store/index.ts';
export * from './bus/index.ts';
export * from './host/index.ts';
// Type and token share a name: the host's pair stands for both.
export { Bus, Clock, Store } from './host/index.ts';
