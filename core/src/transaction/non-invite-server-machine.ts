/** Non-INVITE server transaction. RFC 3261 section 17.2.2 with the rules of RFC 4320 section 4. */
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteServerInput =
  | 'request'
  | 'tu100'
  | 'tu100TooEarly' // over UDP, before the client's timer E has reached T2
  | 'tuFinal'
  | 'tu408'
  | 'abandon'
  | 'timer100'
  | 'timerExpiry'
  | 'timerJ'
  | 'transportError';
export type NonInviteServerAction =
  | 'send' // what the user just gave; kept for retransmission
  | 'resend'
  | 'send100'
  | 'startExpiry'
  | 'startJ'
  | 'tellTransportError';

/** The next state and what to do on the way. */
export type NonInviteServerRow = readonly [next: NonInviteServerState, ...actions: NonInviteServerAction[]];

const DONE: NonInviteServerRow = ['terminated'];
const FAILED: NonInviteServerRow = ['terminated', 'tellTransportError'];

const TABLE: { readonly [S in NonInviteServerState]: { readonly [I in NonInviteServerInput]?: NonInviteServerRow } } = {
  trying: {
    tu100: ['proceeding', 'send'],
    tu100TooEarly: ['trying'], // RFC 4320 4.1; timer100 sends one in good time
    tuFinal: ['completed', 'send', 'startJ'],
    tu408: DONE, // RFC 4320 4.2: nobody listens any more, so nothing is said
    abandon: DONE,
    timer100: ['proceeding', 'send100', 'startExpiry'],
    transportError: FAILED,
  },
  proceeding: {
    request: ['proceeding', 'resend'],
    tu100: ['proceeding', 'send'],
    tuFinal: ['completed', 'send', 'startJ'],
    tu408: DONE,
    abandon: DONE,
    timer100: ['proceeding', 'startExpiry'],
    timerExpiry: DONE, // the client's timer F has fired
    transportError: FAILED,
  },
  completed: { request: ['completed', 'resend'], timerJ: DONE, transportError: FAILED },
  terminated: {},
};

/** Pure: no clock, no socket. An input the state has no row for changes nothing. */
export function stepNonInviteServer(state: NonInviteServerState, input: NonInviteServerInput): NonInviteServerRow {
  return TABLE[state][input] ?? STAY[state];
}

const STAY: { readonly [S in NonInviteServerState]: NonInviteServerRow } = {
  trying: ['trying'],
  proceeding: ['proceeding'],
  completed: ['completed'],
  terminated: ['terminated'],
};
