/** What watchers say and are told. */
import { describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { BATCH_LIMITS, categoriesDocument, readBatchSubscribe, resourceListBody } from '../../src/documents/index.ts';
import { captured } from './captures.ts';
import { compact, refusal } from './errors-of.ts';

const at = Date.UTC(2024, 0, 1, 8);

describe('batchSub', () => {
  test('MS-PRES R21: as a client subscribes to its contacts', () => {
    expect(readBatchSubscribe(captured('batch-subscribe'))).toEqual({
      aor: 'alice@example.test',
      actions: [
        {
          name: 'subscribe',
          id: '63792024',
          resources: [{ aor: 'bob@example.test', uri: 'sip:bob@example.test', context: undefined }],
          categories: ['calendarData', 'contactCard', 'note', 'state'],
        },
      ],
    });
  });

  test('MS-PRES R19: a context says that the contact is to be told', () => {
    const [action] = readBatchSubscribe(captured('batch-subscribe-context')).actions;
    expect(action?.resources).toEqual([{ aor: 'carol@example.test', uri: 'sip:carol@example.test', context: '' }]);
  });

  const batch = (...actions: readonly string[]): string =>
    `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:alice@example.com" name="">${actions.join('')}</batchSub>`;
  const action = (resources: string, name = 'subscribe', categories = '<category name="state"/>'): string =>
    `<action name="${name}" id="1"><adhocList>${resources}</adhocList>` +
    `<categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist">${categories}</categoryList></action>`;

  test('MS-PRES R19: the context of Lync is kept', () => {
    const context =
      '<subscriptionContext xmlns="http://schemas.microsoft.com/2008/09/sip/SubscriptionContext" majorVersion="1" minorVersion="0"><watcher><contactList/></watcher></subscriptionContext>';
    const [read] = readBatchSubscribe(
      batch(action(`<resource uri="sip:Bob@Example.com"><context>${context}</context></resource>`)),
    ).actions;
    expect(read?.resources).toEqual([{ aor: 'bob@example.com', uri: 'sip:Bob@Example.com', context }]);
  });

  test('MS-PRES R21: a contact that is named twice is one, and a category, too', () => {
    const resources = '<resource uri="sip:bob@example.com"/><resource uri="SIP:BOB@example.com;x"><context/></resource>';
    const [read] = readBatchSubscribe(batch(action(resources, 'subscribe', '<category name="state"/><category name="state"/>'))).actions;
    expect(read?.resources.map(({ aor, context }) => [aor, context])).toEqual([['bob@example.com', '']]);
    expect(read?.categories).toEqual(['state']);
  });

  test('MS-PRES R21: several actions, in their order', () => {
    const body = batch(action('<resource uri="sip:a@b"/>', 'unsubscribe'), action('<resource uri="sip:c@d"/>'));
    expect(readBatchSubscribe(body).actions.map(({ name, resources }) => [name, resources[0]?.aor])).toEqual([
      ['unsubscribe', 'a@b'],
      ['subscribe', 'c@d'],
    ]);
  });

  test('MS-PRES R26: a thousand contacts with context are one batch', () => {
    const context =
      '<context><subscriptionContext xmlns="http://schemas.microsoft.com/2008/09/sip/SubscriptionContext" majorVersion="1" minorVersion="0"><watcher><contactList/></watcher></subscriptionContext></context>';
    const resources = Array.from({ length: 1000 }, (_, i) => `<resource uri="sip:user${i}@example.com">${context}</resource>`).join('');
    expect(readBatchSubscribe(batch(action(resources))).actions[0]?.resources).toHaveLength(1000);
  });

  const many = (count: number, make: (i: number) => string): string => Array.from({ length: count }, (_, i) => make(i)).join('');
  test.each<[string, string, string, number]>([
    ['no action', batch(), 'MALFORMED', 400],
    ['no resource', batch(action('')), 'MALFORMED', 400],
    ['an unknown action', batch(action('<resource uri="sip:a@b"/>', 'poll')), 'MALFORMED', 400],
    ['a resource that is no address', batch(action('<resource uri="sip:a b@c"/>')), 'MALFORMED', 400],
    ['a resource with a line end in it', batch(action('<resource uri="sip:a&#13;&#10;X: y@c"/>')), 'MALFORMED', 400],
    ['too many contacts', batch(action(many(BATCH_LIMITS.resources + 1, (i) => `<resource uri="sip:${i}@b"/>`))), 'TOO_LARGE', 413],
    [
      'too many categories',
      batch(
        action(
          '<resource uri="sip:a@b"/>',
          'subscribe',
          many(BATCH_LIMITS.categories + 1, (i) => `<category name="c${i}"/>`),
        ),
      ),
      'TOO_LARGE',
      413,
    ],
    ['too many actions', batch(many(BATCH_LIMITS.actions + 1, () => action('<resource uri="sip:a@b"/>'))), 'TOO_LARGE', 413],
    ['too many bytes', batch(' '.repeat(BATCH_LIMITS.bytes)), 'TOO_LARGE', 413],
  ])('MS-PRES R26: %s is refused', (_name, body, code, status) => {
    expect(refusal(() => readBatchSubscribe(body))).toEqual([code, status]);
  });
});

const BOB =
  '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>Bob Baker</displayName></name></identity></contactCard>';

test('MS-PRES R24: a category that has nothing is there, empty', () => {
  const document = categoriesDocument(
    'bob@example.com',
    [{ name: 'contactCard', instance: 0, publishTime: at, content: BOB }],
    ['note', 'calendarData'],
  );
  expect(document).toBe(
    compact(`<categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:bob@example.com">
 <category name="contactCard" instance="0" publishTime="2024-01-01T08:00:00.000">${BOB}</category>
 <category name="note"/>
 <category name="calendarData"/>
</categories>`),
  );
});

describe('lists', () => {
  const list = resourceListBody('alice@example.com', [
    { state: 'active', aor: 'bob@example.com', document: '<categories/>' },
    { state: 'resubscribe', aor: 'zoe@partner.example' },
    { state: 'resubscribe', aor: 'dan@example.com', poolUri: 'sip:pool2.example.com@example.com;gruu;opaque=srvr:HomeServer:x' },
    { state: 'terminated', aor: 'nobody@example.com', reason: 'noresource', statusCode: 404 },
  ]);
  const boundary = /boundary=(\w+)$/.exec(list.contentType)?.[1] ?? '';

  test('MS-PRES R21: the content type is as clients expect it', () => {
    expect(list.contentType).toBe(`multipart/related;type="application/rlmi+xml";start=resourceList;boundary=${boundary}`);
    expect(boundary).toHaveLength(40);
  });

  test('MS-PRES R21: the list comes first, a part for each active resource behind it', () => {
    expect(list.body).toBe(
      [
        `--${boundary}`,
        'Content-Transfer-Encoding: binary',
        'Content-ID: resourceList',
        'Content-Type: application/rlmi+xml',
        '',
        '<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:alice@example.com" version="0" fullState="false">' +
          '<resource uri="sip:bob@example.com"><instance id="0" state="active" cid="bob@example.com"/></resource>' +
          '<resource uri="sip:zoe@partner.example"><instance id="0" state="resubscribe" cid="zoe@partner.example"/></resource>' +
          '<resource uri="sip:dan@example.com"><instance id="0" state="resubscribe" cid="dan@example.com" poolFqdn="sip:pool2.example.com@example.com;gruu;opaque=srvr:HomeServer:x"/></resource>' +
          '<resource uri="sip:nobody@example.com"><instance id="0" state="terminated" reason="noresource" statusCode="404"/></resource></list>',
        '',
        `--${boundary}`,
        'Content-Transfer-Encoding: binary',
        'Content-ID: bob@example.com',
        'Content-Type: application/msrtc-event-categories+xml',
        '',
        '<categories/>',
        '',
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    );
  });

  test('an unmodified client loses the last four bytes of a part, which are none of the document', () => {
    for (const part of list.body.split(`--${boundary}`).slice(1, -1)) expect(part).toMatch(/>\r\n\r\n$/);
  });

  test('MS-PRES R22: every instance has a state, whatever it is', () => {
    const xml = list.body.split('\r\n\r\n')[1]?.split('\r\n')[0] ?? '';
    for (const instance of parseXml(xml).root.descendants('instance')) expect(instance.attribute('state')).toBeDefined();
  });

  test('MS-PRES R21: what somebody publishes cannot end a part', () => {
    const again = resourceListBody('alice@example.com', [
      { state: 'active', aor: 'bob@example.com', document: `<note>\r\n--${boundary}\r\n</note>` },
    ]);
    expect(again.contentType).not.toContain(boundary);
  });
});
