/** `parley trace`: what the chain does with messages, as it happens. */
import type { AdminCommand, CommandInput, CommandResult } from './command.ts';
import type { Host } from './host.ts';
import type { TraceWish } from './live-trace.ts';
import { ServerErrors } from './sip-server-errors.ts';

const A_DAY = 86_400;
const FILTERS = ['user', 'call', 'pattern', 'method', 'from', 'to'] as const;

/** Its description, for a command line that has no server to ask. */
export const TRACE_COMMAND: Omit<AdminCommand, 'run'> = {
  path: 'trace',
  summary: 'Shows, while the server runs, which application and line acts on each message; Ctrl-C ends it',
  options: [
    { flag: '--user <user>', summary: 'messages from or to this user: alice, alice@example.com' },
    { flag: '--call <call-id>', summary: 'messages with this Call-ID' },
    { flag: '--pattern <text>', summary: 'messages with this text, or regular expression, in their head' },
    { flag: '--method <method>', summary: 'requests of this method, and their responses' },
    { flag: '--from <user>', summary: 'requests from this user' },
    { flag: '--to <user>', summary: 'requests to this user' },
    { flag: '--limit <number>', summary: 'end after so many requests have their answer' },
    { flag: '--all', summary: 'lines that only look, with what they find, and applications that are passed by, too' },
    { flag: '--bodies', summary: 'bodies of messages too: they are what people say to each other' },
  ],
  examples: [
    'parley trace --user alice',
    'parley trace --method INVITE --to bob@example.com --all',
    'parley trace --pattern +1425555 --limit 3',
    'parley trace --call 3848276298220188511@192.0.2.4 --json',
  ],
  stream: true,
  timeoutSeconds: A_DAY,
};

/** The same, at work on a host. */
export function traceCommand(host: Host): AdminCommand {
  return { ...TRACE_COMMAND, run: (input) => follow(host, input) };
}

async function follow({ traces }: Host, input: CommandInput): Promise<CommandResult> {
  if (traces === undefined) throw ServerErrors.HOST_NO_SCRIPTS();
  const session = traces.open(wishOf(input.options));
  const end = (): void => session.close();
  input.signal.addEventListener('abort', end);
  input.progress('Following messages from now on; Ctrl-C ends this.');
  try {
    // A reader who is slow keeps this loop waiting, and what happens meanwhile is counted.
    for (let rows = await session.next(); rows.length > 0 && !input.signal.aborted; rows = await session.next()) await input.rows?.(rows);
    return {};
  } finally {
    input.signal.removeEventListener('abort', end);
    session.close();
  }
}

/** Throws HOST_TRACE_FILTER, HOST_TRACE_NUMBER. */
function wishOf(options: CommandInput['options']): TraceWish {
  const filter = Object.fromEntries(FILTERS.flatMap((key) => (typeof options[key] === 'string' ? [[key, options[key]]] : [])));
  if (Object.keys(filter).length === 0) throw ServerErrors.HOST_TRACE_FILTER();
  const { limit } = options;
  if (typeof limit === 'string' && (!/^[1-9]\d{0,5}$/.test(limit) || Number(limit) > 100_000))
    throw ServerErrors.HOST_TRACE_NUMBER({ found: limit });
  const count = typeof limit === 'string' ? { limit: Number(limit) } : { limit: undefined };
  return { ...filter, ...count, all: options['all'] === true, bodies: options['bodies'] === true };
}
