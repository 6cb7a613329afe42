/** A plugin for a running server that writes down what its clients say and hear, so that a scenario can be made of it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { Clock, H, PASS, definePlugin } from '@parley/core';
import type { Flow, SipMessage } from '@parley/core';

/** Credentials stay in the server. A scenario has no use for them either. */
const SECRET = [H.Authorization, H.ProxyAuthorization, H.AuthenticationInfo, H.ProxyAuthenticationInfo] as const;

const Config = z.strictObject({
  file: z.string().min(1).describe('File that the messages are appended to, one JSON object a line; made with mode 0600'),
  maxMessages: z.int().min(1).max(1_000_000).default(10_000).describe('Messages after which nothing more is written'),
});

/**
 * Writes every SIP message to a file that `readTrace` reads: with whole bodies and addresses, without credentials. Not for every day.
 * ACKs to errors, CANCELs and repetitions do not come as far as this.
 * @example plugins: [...others, wireLog({ file: 'conversation.jsonl' })]
 */
export const wireLog = definePlugin({
  name: 'wire-log',
  summary: 'Writes SIP messages to a file, to make scenarios of them',
  config: Config,
  root: new URL('.', import.meta.url),
  setup(scope) {
    const { file, maxMessages } = scope.resolve<z.output<typeof Config>>({ name: 'core.config' });
    const clock = scope.resolve(Clock);
    const handle = openSync(file, 'a', 0o600);
    scope.onClose(() => closeSync(handle));
    let left = maxMessages;
    const write = (message: SipMessage, flow: Flow, comes: boolean): void => {
      if (left-- <= 0) return;
      const client = `${flow.remote.host}:${flow.remote.port}`;
      const [from, to] = comes ? [client, 'server'] : ['server', client];
      writeSync(handle, `${JSON.stringify({ at: clock.now(), from, to, message: textOf(message) })}\n`);
    };
    scope.gate({
      name: 'wire-log',
      order: 0,
      check({ message, flow }) {
        write(message, flow, true);
        return PASS;
      },
    });
    scope.stamp({ name: 'wire-log', order: 10_000, apply: (message, flow) => write(message, flow, false) });
  },
});

/** A byte string, as on the wire. */
function textOf(message: SipMessage): string {
  if (!SECRET.some((header) => message.has(header))) return message.toString();
  const copy = (message as SipMessage & { clone(): SipMessage }).clone();
  for (const header of SECRET) copy.remove(header);
  return copy.toString();
}
