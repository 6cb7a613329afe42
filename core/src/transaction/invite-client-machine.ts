/** INVITE client transaction. RFC 3261 section 17.1.1 with the figure of RFC 6026 section 7.2, and CANCEL as in section 9.1. */
export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
export type InviteClientInput =
  | 'response1xx'
  | 'response2xx'
  | 'responseError' // 300 to 699
  | 'cancel'
  | 'handOver'
  | 'timerA'
  | 'timerB'
  | 'timerCancelled'
  | 'timerD'
  | 'timerM'
  | 'transportError';
export type InviteClientAction =
  | 'resend'
  | 'pass'
  | 'sendAck'
  | 'resendAck'
  | 'holdCancel'
  | 'sendHeldCancel'
  | 'sendCancel'
  | 'stopAB'
  | 'startCancelled'
  | 'startD'
  | 'startM'
  | 'remember' // so that further 2xx go to the caller all the same
  | 'tellTimeout'
  | 'tellTransportError';

/** The next state and what to do on the way. */
export type InviteClientRow = readonly [next: InviteClientState, ...actions: InviteClientAction[]];

const DONE: InviteClientRow = ['terminated'];
const TIMED_OUT: InviteClientRow = ['terminated', 'tellTimeout'];
const FAILED: InviteClientRow = ['terminated', 'tellTransportError'];
const ACCEPTED: InviteClientRow = ['accepted', 'pass', 'startM'];
const REFUSED: InviteClientRow = ['completed', 'sendAck', 'pass', 'startD'];

const TABLE: { readonly [S in InviteClientState]: { readonly [I in InviteClientInput]?: InviteClientRow } } = {
  calling: {
    response1xx: ['proceeding', 'stopAB', 'pass', 'sendHeldCancel'],
    response2xx: ACCEPTED,
    responseError: REFUSED,
    cancel: ['calling', 'holdCancel'], // 9.1: not before a provisional response
    timerA: ['calling', 'resend'],
    timerB: TIMED_OUT,
    transportError: FAILED,
  },
  proceeding: {
    response1xx: ['proceeding', 'pass'],
    response2xx: ACCEPTED,
    responseError: REFUSED,
    cancel: ['proceeding', 'sendCancel', 'startCancelled'],
    timerCancelled: TIMED_OUT, // 9.1: no final response 64*T1 after the CANCEL
    transportError: FAILED,
  },
  accepted: { response2xx: ['accepted', 'pass'], timerM: DONE, handOver: ['terminated', 'remember'] }, // RFC 6026: each fork's 2xx goes up
  completed: {
    responseError: ['completed', 'resendAck'],
    timerD: DONE,
    transportError: DONE, // an ACK was lost; the user has had its answer
  },
  terminated: {},
};

/** Pure: no clock, no socket. An input the state has no row for changes nothing. */
export function stepInviteClient(state: InviteClientState, input: InviteClientInput): InviteClientRow {
  return TABLE[state][input] ?? STAY[state];
}

const STAY: { readonly [S in InviteClientState]: InviteClientRow } = {
  calling: ['calling'],
  proceeding: ['proceeding'],
  accepted: ['accepted'],
  completed: ['completed'],
  terminated: ['terminated'],
};
