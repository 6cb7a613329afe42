/** INVITE server transaction. RFC 3261 section 17.2.1 with the figure of RFC 6026 section 7.1. */
export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type InviteServerInput =
  | 'request'
  | 'ack'
  | 'tu1xx'
  | 'tu2xx'
  | 'tuFinal'
  | 'abandon'
  | 'handOver'
  | 'timer100'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError';
export type InviteServerAction =
  | 'send' // what the user just gave; kept for retransmission
  | 'resend'
  | 'send100'
  | 'passAck'
  | 'startSilence'
  | 'startGH'
  | 'startI'
  | 'startL'
  | 'remember' // so that copies of the INVITE are absorbed all the same
  | 'tellTransportError';

/** The next state and what to do on the way. */
export type InviteServerRow = readonly [next: InviteServerState, ...actions: InviteServerAction[]];

const DONE: InviteServerRow = ['terminated'];

const TABLE: { readonly [S in InviteServerState]: { readonly [I in InviteServerInput]?: InviteServerRow } } = {
  proceeding: {
    request: ['proceeding', 'resend'],
    timer100: ['proceeding', 'send100', 'startSilence'],
    tu1xx: ['proceeding', 'send', 'startSilence'],
    tu2xx: ['accepted', 'send', 'startL'], // RFC 6026: stays, to absorb retransmitted INVITEs
    tuFinal: ['completed', 'send', 'startGH'],
    abandon: DONE,
    transportError: ['proceeding', 'tellTransportError'], // RFC 6026: one lost datagram does not end it
  },
  accepted: {
    request: ['accepted'],
    ack: ['accepted', 'passAck'],
    tu2xx: ['accepted', 'send'],
    timerL: DONE,
    handOver: ['terminated', 'remember'],
    transportError: ['accepted', 'tellTransportError'],
  },
  completed: {
    request: ['completed', 'resend'],
    timerG: ['completed', 'resend'],
    ack: ['confirmed', 'startI'],
    timerH: DONE,
    transportError: ['completed', 'tellTransportError'],
  },
  confirmed: { timerI: DONE },
  terminated: {},
};

/** Pure: no clock, no socket. An input the state has no row for changes nothing. */
export function stepInviteServer(state: InviteServerState, input: InviteServerInput): InviteServerRow {
  return TABLE[state][input] ?? STAY[state];
}

const STAY: { readonly [S in InviteServerState]: InviteServerRow } = {
  proceeding: ['proceeding'],
  accepted: ['accepted'],
  completed: ['completed'],
  confirmed: ['confirmed'],
  terminated: ['terminated'],
};
