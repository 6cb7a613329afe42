/** Requests that the server itself makes, in front of scripts. Sheet mspl 3.1, registrarGenerated. */
import { expect, test } from 'vitest';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { H } from '../../src/sip/index.ts';
import type { ChainedApplication, RequestContext } from '../../src/script/index.ts';
import { request } from '../support/sip-text.ts';
import { ChainWorld, app } from './chain-world.ts';

const OURS = '<r:requestFilter methodNames="NOTIFY,BENOTIFY" registrarGenerated="true"/><r:responseFilter reasonCodes="NONE"/>';
const BLIND = OURS.replace('true', 'false');

/** What becomes of a NOTIFY of the server: it, as it is sent, or what it is answered with. */
function notify(applications: readonly ChainedApplication[], message = request('NOTIFY')): { sent?: SipRequest; answer?: SipResponse } {
  let result: { sent?: SipRequest; answer?: SipResponse } = {};
  new ChainWorld(...applications).chain.generated(message, (answer) => {
    result = answer === undefined ? { sent: message } : { answer };
  });
  return result;
}

test.each(['NOTIFY', 'BENOTIFY'])(
  'MSPL R10: a %s of the server runs only the scripts with registrarGenerated, which may edit it',
  (method) => {
    const { sent } = notify(
      [
        app('asks', 'AddHeader("X-Asks", "1"); sipMessage.Content = Concatenate(sipMessage.Content, "!");', { filters: OURS }),
        app('does not', 'AddHeader("X-Not", "1");', { filters: BLIND }),
        app('other methods', 'AddHeader("X-Other", "1");', { filters: OURS.replace('NOTIFY,BENOTIFY', 'INVITE') }),
      ],
      request(method, { body: 'state' }),
    );
    expect([sent?.first('X-Asks'), sent?.has('X-Not'), sent?.has('X-Other')]).toEqual(['1', false, false]);
    expect([sent?.body.toString(), sent?.first(H.ContentLength)]).toEqual(['state!', '6']);
  },
);

test('MSPL R10: scripts see that the server made it', () => {
  const { sent } = notify([app('asks', 'AddHeader("X-Local", sipMessage.Origin == MessageOrigin.LocalMachine);', { filters: OURS })]);
  expect(sent?.first('X-Local')).toBe('true');
});

test('one with a Route runs only scripts that ask for strictRoute as well', () => {
  const message = request('NOTIFY');
  message.append(H.Route, '<sip:192.0.2.1;lr>');
  const strict = OURS.replace('registrar', 'strictRoute="true" registrar');
  const { sent } = notify(
    [app('free', 'AddHeader("X-Free", "1");', { filters: OURS }), app('strict', 'AddHeader("X-Strict", "1");', { filters: strict })],
    message,
  );
  expect([sent?.has('X-Free'), sent?.has('X-Strict')]).toEqual([false, true]);
});

test('a script that answers it keeps it from being sent, and from the scripts behind', () => {
  const { answer } = notify([
    app('answers', 'Respond(489, "Bad Event");', { filters: OURS }),
    app('behind', 'AddHeader("X-Behind", "1");', { filters: OURS }),
  ]);
  expect([answer?.status, answer?.reason]).toEqual([489, 'Bad Event']);
});

test('a script without proxyByDefault that leaves it keeps it, as if it had been refused', () => {
  const { answer, sent } = notify([app('keeps', '', { filters: `${OURS}<r:proxyByDefault action="false"/>` })]);
  expect([answer?.status, sent]).toEqual([480, undefined]);
});

test('a handler that it is dispatched to sends it on later, answers it, or fails: then it is not sent', async () => {
  const later = app('later', 'Dispatch("go");', {
    filters: OURS,
    handler: { go: (tx: RequestContext) => void Promise.resolve().then(() => tx.proxy()) },
  });
  const message = request('NOTIFY');
  let sent = false;
  new ChainWorld(later, app('behind', 'AddHeader("X-Behind", "1");', { filters: OURS })).chain.generated(message, () => (sent = true));
  expect(sent).toBe(false);
  await Promise.resolve();
  await Promise.resolve();
  expect([sent, message.first('X-Behind')]).toEqual([true, '1']);
  const answers = app('answers', 'Dispatch("go");', { filters: OURS, handler: { go: (tx: RequestContext) => void tx.respond(481) } });
  expect(notify([answers]).answer?.status).toBe(481);
  const failing = app('fails', 'Dispatch("go");', {
    filters: OURS,
    handler: {
      go: () => {
        throw new Error('boom');
      },
    },
  });
  expect(notify([failing]).answer?.status).toBe(500);
});

test('an application that is away lets it pass', () => {
  const { sent } = notify([app('away', 'Respond(403, "No");', { filters: OURS, available: () => false })]);
  expect(sent).toBeDefined();
});
