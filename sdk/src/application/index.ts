/** The client for applications that run outside the server, and the protocol that it speaks. */
export { attach } from './attach.ts';
export type { Application, AttachOptions, TlsPlace } from './attach.ts';
export type { Handlers } from './connection.ts';
export { ApplicationErrors } from './errors.ts';
export { Branch, RequestReceived, ResponseReceived } from './events.ts';
export type { AnswerParts, BranchParts, NotificationReceived, ResponseHandler } from './events.ts';
export { FRAME_BYTES, FRAME_DEPTH, FRAME_VALUES, FrameReader, encodeFrame } from './frame.ts';
export { Headers } from './headers.ts';
export { ApplicationRequest, ApplicationResponse } from './message.ts';
export type { NewOwnRequest, OwnRequest, OwnRequestWithin } from './own-request.ts';
export { FIRST_FRAME_BYTES, PROTOCOL_VERSION, READ_ONLY_HEADERS, attachProof } from './protocol.ts';
export type {
  ApplicationFrame,
  DialogSide,
  ServerFrame,
  WireChanges,
  WireHeader,
  WireRequest,
  WireResponse,
  WireStamp,
  WireTarget,
  WireValue,
  WireWithin,
} from './protocol.ts';
export { Transaction } from './transaction.ts';
export type { Ended } from './transaction.ts';
