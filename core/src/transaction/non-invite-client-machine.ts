/** Non-INVITE client transaction. RFC 3261 section 17.1.2. */
export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteClientInput = 'response1xx' | 'responseFinal' | 'abandon' | 'timerE' | 'timerF' | 'timerK' | 'transportError';
export type NonInviteClientAction =
  | 'resend'
  | 'startE' // the next interval: doubled up to T2
  | 'startSlowE' // the next interval is T2
  | 'pass'
  | 'startK'
  | 'tellTimeout'
  | 'tellTransportError';

/** The next state and what to do on the way. */
export type NonInviteClientRow = readonly [next: NonInviteClientState, ...actions: NonInviteClientAction[]];

const DONE: NonInviteClientRow = ['terminated'];
const TIMED_OUT: NonInviteClientRow = ['terminated', 'tellTimeout'];
const FAILED: NonInviteClientRow = ['terminated', 'tellTransportError'];
const ANSWERED: NonInviteClientRow = ['completed', 'pass', 'startK'];

const TABLE: { readonly [S in NonInviteClientState]: { readonly [I in NonInviteClientInput]?: NonInviteClientRow } } = {
  trying: {
    response1xx: ['proceeding', 'pass'],
    responseFinal: ANSWERED,
    abandon: DONE,
    timerE: ['trying', 'resend', 'startE'],
    timerF: TIMED_OUT,
    transportError: FAILED,
  },
  proceeding: {
    response1xx: ['proceeding', 'pass'],
    responseFinal: ANSWERED,
    abandon: DONE,
    timerE: ['proceeding', 'resend', 'startSlowE'],
    timerF: TIMED_OUT,
    transportError: FAILED,
  },
  completed: { timerK: DONE },
  terminated: {},
};

/** Pure: no clock, no socket. An input the state has no row for changes nothing. */
export function stepNonInviteClient(state: NonInviteClientState, input: NonInviteClientInput): NonInviteClientRow {
  return TABLE[state][input] ?? STAY[state];
}

const STAY: { readonly [S in NonInviteClientState]: NonInviteClientRow } = {
  trying: ['trying'],
  proceeding: ['proceeding'],
  completed: ['completed'],
  terminated: ['terminated'],
};
