import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { CATEGORY_RULES, PUBLISH_LIMITS, categoryRules, readPublish } from '../../src/documents/index.ts';
import { captured } from './captures.ts';
import { refusal } from './errors-of.ts';

const NAMESPACE = 'http://schemas.microsoft.com/2006/09/sip/rich-presence';
const NOTE = '<note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">hi</body></note>';

function publish(...publications: readonly string[]): string {
  return `<publish xmlns="${NAMESPACE}"><publications uri="sip:alice@example.com">${publications.join('')}</publications></publish>`;
}

function publication(attributes: Readonly<Record<string, string>> = {}, content = NOTE): string {
  const all = { categoryName: 'note', instance: '0', container: '200', version: '0', expireType: 'static', ...attributes };
  const text = Object.entries(all).map(([name, value]) => ` ${name}="${value}"`);
  return `<publication${text.join('')}>${content}</publication>`;
}

describe('what a client sends', () => {
  test('MS-PRES R8: a status and a note', () => {
    const { aor, publications } = readPublish(captured('publish-busy'));
    expect(aor).toBe('alice@example.test');
    expect(
      publications.map(({ name, instance, container, version, expireType }) => [name, instance, container, version, expireType]),
    ).toEqual([
      ['state', 993_308_598, 2, 0, 'endpoint'],
      ['state', 993_308_598, 3, 0, 'endpoint'],
      ['note', 0, 200, 0, 'static'],
      ['note', 0, 300, 0, 'static'],
      ['note', 0, 400, 0, 'static'],
    ]);
    expect(publications[0]?.state).toMatchObject({ type: 'machineState', manual: false, availability: 6500 });
  });

  test('MS-PRES S3: each document to the byte', () => {
    const body = captured('publish-busy');
    const [state, , note] = readPublish(body).publications;
    expect(state?.content).toBe(
      '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState"><availability>6500</availability><endpointLocation/></state>',
    );
    expect(body.includes(note?.content ?? '?')).toBe(true);
  });

  test('MS-PRES R13: a deletion has no content', () => {
    const { publications } = readPublish(captured('publish-delete'));
    expect(publications.map(({ deletes, content, version }) => [deletes, content, version])).toEqual([
      [true, '', 0],
      [true, '', 0],
    ]);
  });

  test('MS-PRES R13: expires="0" deletes whatever the type says, and whatever is inside', () => {
    for (const expireType of ['static', 'endpoint', 'user', 'time']) {
      expect(readPublish(publish(publication({ expires: '0', expireType }))).publications[0]).toMatchObject({ deletes: true, content: '' });
    }
  });

  test('MS-PRES S12: what expires by time says when', () => {
    const [first] = readPublish(publish(publication({ expireType: 'time', expires: '86400' }))).publications;
    expect(first).toMatchObject({ expireType: 'time', expires: 86_400, deletes: false });
    expect(refusal(() => readPublish(publish(publication({ expireType: 'time' }))))).toEqual(['MALFORMED', 400]);
  });

  test('MS-PRES R13: a publication may be empty without being a deletion', () => {
    expect(readPublish(publish(publication({}, ''))).publications[0]).toMatchObject({ deletes: false, content: '' });
  });

  test('MS-PRES S3: a device, with capabilities that nobody knows', () => {
    const device =
      '<device xmlns="http://schemas.microsoft.com/2006/09/sip/device" endpointId="C707E38E-1E10-5413-94D9-ECAC260A0269">' +
      '<capabilities preferred="false" uri="sip:alice@example.com"><text capture="true" render="true" publish="false"/><teleport render="true"/></capabilities>' +
      '<timezone>00:00:00+01:00</timezone><machineName>ALICEPC</machineName></device>';
    const [first] = readPublish(
      publish(publication({ categoryName: 'device', container: '2', expireType: 'endpoint' }, device)),
    ).publications;
    expect(first?.content).toBe(device);
    expect(first?.device).toEqual({
      endpointId: 'C707E38E-1E10-5413-94D9-ECAC260A0269',
      services: [
        {
          uri: 'sip:alice@example.com',
          capabilities: [
            { name: 'text', capture: true, render: true, publish: false },
            { name: 'teleport', capture: false, render: true, publish: false },
          ],
        },
      ],
    });
  });
});

describe('what is kept', () => {
  test('MS-PRES S3: comments, CDATA, references, line ends and quotes stay as they are', () => {
    const content = `<note  xmlns = 'http://schemas.microsoft.com/2006/09/sip/note'>\r\n\t<!-- x --><body\ttype='personal'><![CDATA[<&>]]>&#xE4;ä😀</body >\n</note\n>`;
    expect(readPublish(publish(publication({}, `\n ${content} \n`))).publications[0]?.content).toBe(content);
  });

  test('MS-PRES S3: declarations around a document are taken along, and only those that it needs', () => {
    const body =
      `<p:publish xmlns:p="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:unused="urn:u" xmlns:st="http://schemas.microsoft.com/2006/09/sip/state">` +
      '<p:publications uri="sip:alice@example.com"><p:publication categoryName="state" instance="5" container="2" version="0" expireType="endpoint">' +
      '<st:state xsi:type="st:userState"><st:availability>3500</st:availability></st:state></p:publication></p:publications></p:publish>';
    const [first] = readPublish(body).publications;
    expect(first?.content).toBe(
      '<st:state xmlns:st="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="st:userState"><st:availability>3500</st:availability></st:state>',
    );
    expect(first?.state).toMatchObject({ type: 'userState', availability: 3500 });
  });

  test('MS-PRES S3: a document of no namespace stays in none', () => {
    const rules = categoryRules(['mood']);
    const body = `<p:publish xmlns:p="${NAMESPACE}"><p:publications><p:publication categoryName="mood" instance="1" container="200" version="0" expireType="static"><mood>good</mood></p:publication></p:publications></p:publish>`;
    const { aor, publications } = readPublish(body, rules);
    expect([aor, publications[0]?.content]).toEqual([undefined, '<mood xmlns="">good</mood>']);
  });

  test('MS-PRES S3: whatever is published can be read alone, and means the same', () => {
    const name = fc.constantFrom('a', 'b', 'p:a', 'q:b');
    const tree: fc.Memo<string> = fc.memo((depth) =>
      depth <= 1
        ? fc.constantFrom('x', '&amp;', '<![CDATA[<]]>', 'q:type', '')
        : fc
            .tuple(
              name,
              fc.constantFrom('', ' xmlns="urn:1"', ' xmlns:p="urn:2"', ' p:t="q:v"', ' xmlns:q="urn:3" q:t="1"'),
              fc.array(tree(depth - 1), { maxLength: 3 }),
            )
            .map(([tag, attributes, children]) => `<${tag}${attributes}>${children.join('')}</${tag}>`),
    );
    const shape = (text: string): unknown => JSON.stringify(simple(parseXml(text).root));
    const rules = categoryRules(['any']);
    fc.assert(
      fc.property(tree(4), (content) => {
        const open = `<publish xmlns="${NAMESPACE}" xmlns:p="urn:p"><publications><publication xmlns:q="urn:q" categoryName="any" instance="1" container="1" version="0" expireType="static">`;
        const body = `${open}${content}</publication></publications></publish>`;
        if (!content.startsWith('<') || content.startsWith('<!')) return;
        const [first] = readPublish(body, rules).publications;
        const inside = parseXml(body).root.elements[0]?.elements[0]?.elements[0];
        expect(shape(first?.content ?? '')).toBe(JSON.stringify(inside && simple(inside)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is refused', () => {
  test('MS-PRES R10: the same instance twice; in two containers it is two', () => {
    expect(refusal(() => readPublish(publish(publication(), publication({ version: '1' }))))).toEqual(['DUPLICATE', 400]);
    expect(readPublish(publish(publication(), publication({ container: '300' }))).publications).toHaveLength(2);
  });

  test.each<[string, string, string, number]>([
    ['R11: a category that nobody registered', publish(publication({ categoryName: 'mood' })), 'CATEGORY_UNKNOWN', 400],
    ['R11: a name that objects have anyway', publish(publication({ categoryName: 'constructor' })), 'CATEGORY_UNKNOWN', 400],
    ['R12: userProperties', publish(publication({ categoryName: 'userProperties' }, '')), 'SERVER_OWNED', 403],
    ['R12: contactCard 0', publish(publication({ categoryName: 'contactCard' }, '')), 'SERVER_OWNED', 403],
    ['R12: aggregateState', publish(publication({ categoryName: 'state', instance: '1' }, '')), 'SERVER_OWNED', 403],
    ['R12: aggregateMachineState', publish(publication({ categoryName: 'state', instance: '268435456' }, '')), 'SERVER_OWNED', 403],
    ['R12: services', publish(publication({ categoryName: 'services', instance: '7' }, '')), 'SERVER_OWNED', 403],
    ['R12: legacyInterop', publish(publication({ categoryName: 'legacyInterop', instance: '1' }, '')), 'SERVER_OWNED', 403],
    ['R12: deleting what the server owns', publish(publication({ categoryName: 'contactCard', expires: '0' }, '')), 'SERVER_OWNED', 403],
    ['R18: a container above 32767', publish(publication({ container: '32768' })), 'MALFORMED', 400],
    ['R8: no version', publish(publication().replace(' version="0"', '')), 'MALFORMED', 400],
    ['R8: a negative version', publish(publication({ version: '-1' })), 'MALFORMED', 400],
    ['R8: an instance beyond 32 bits', publish(publication({ instance: '4294967296' })), 'MALFORMED', 400],
    ['R8: an unknown expireType', publish(publication({ expireType: 'never' })), 'MALFORMED', 400],
    ['R8: expires that is no number', publish(publication({ expires: 'soon' })), 'MALFORMED', 400],
    ['R8: two documents in one publication', publish(publication({}, NOTE + NOTE)), 'MALFORMED', 400],
    ['R8: nothing to publish', publish(), 'MALFORMED', 400],
    ['R8: another root', '<publications/>', 'MALFORMED', 400],
    ['R8: no XML', 'publish', 'MALFORMED', 400],
    ['R8: a DTD', `<!DOCTYPE publish [<!ENTITY x "y">]>${publish(publication())}`, 'MALFORMED', 400],
    ['R2: a uri that is no address', publish(publication()).replace('sip:alice@example.com', 'sip:alice'), 'MALFORMED', 400],
    ['S15: a note of another namespace', publish(publication({}, '<note xmlns="urn:x"/>')), 'MALFORMED', 400],
    ['S15: a note that declares no namespace', publish(publication({}, '<note/>')), 'MALFORMED', 400],
    [
      'R26: a document that is too long',
      publish(publication({}, NOTE.replace('hi', 'x'.repeat(PUBLISH_LIMITS.content)))),
      'TOO_LARGE',
      413,
    ],
    ['R26: a body that is too long', publish(publication({}, ' '.repeat(PUBLISH_LIMITS.bytes))), 'TOO_LARGE', 413],
    [
      'R26: too many publications',
      publish(...Array.from({ length: PUBLISH_LIMITS.publications + 1 }, (_, i) => publication({ instance: String(i) }, ''))),
      'TOO_LARGE',
      413,
    ],
    ['R26: a document that is too deep', publish(publication({}, '<a>'.repeat(40) + '</a>'.repeat(40))), 'MALFORMED', 400],
  ])('MS-PRES %s', (_name, body, code, status) => {
    expect(refusal(() => readPublish(body))).toEqual([code, status]);
  });

  test.each(['', ' ', '-1', '3.5', '1e3', '0x10', '4294967296', 'NaN'])('MS-PRES S16: an availability of "%s"', (availability) => {
    const state = `<state xmlns="http://schemas.microsoft.com/2006/09/sip/state"><availability>${availability}</availability></state>`;
    expect(refusal(() => readPublish(publish(publication({ categoryName: 'state', instance: '5', container: '2' }, state))))).toEqual([
      'MALFORMED',
      400,
    ]);
  });

  test('MS-PRES R12: an aggregate under an instance of its own', () => {
    const state =
      '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="aggregateState"/>';
    expect(refusal(() => readPublish(publish(publication({ categoryName: 'state', instance: '5' }, state))))).toEqual([
      'SERVER_OWNED',
      403,
    ]);
  });

  test('MS-PRES S16: the highest availability is one', () => {
    const state = '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state"><availability> 4294967295\n</availability></state>';
    const [first] = readPublish(publish(publication({ categoryName: 'state', instance: '5' }, state))).publications;
    expect(first?.state?.availability).toBe(4_294_967_295);
  });

  test('a publish that is cut off anywhere is refused, not misread', () => {
    const body = captured('publish-busy');
    for (let length = 0; length < body.length; length++) {
      expect(refusal(() => readPublish(body.subarray(0, length)))?.[0]).toBe('MALFORMED');
    }
  });

  test('a publish with anything changed is read or refused, and nothing else', () => {
    const body = captured('publish-busy').toString('latin1');
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.string({ maxLength: 3 }), fc.nat(4), (at, text, skip) => {
        refusal(() => readPublish(body.slice(0, at) + text + body.slice(at + skip)));
      }),
      { numRuns: 1000 },
    );
  });
});

test('MS-PRES R11: these categories are known from the start', () => {
  expect([...CATEGORY_RULES.keys()].join(' ')).toBe(
    'alerts calendarData contactCard device dndState legacyInterop mwi note noteHistory otherOptions rccOptions routing services state userInformation userProperties workingHours',
  );
});

test('MS-PRES R11: an operator can add categories, and take nothing away', () => {
  const rules = categoryRules(['mood', 'state']);
  expect(readPublish(publish(publication({ categoryName: 'mood' }, '<mood xmlns="urn:m"/>')), rules).publications[0]?.content).toBe(
    '<mood xmlns="urn:m"/>',
  );
  expect(rules.get('state')).toBe(CATEGORY_RULES.get('state'));
});

/** An element as what it means. */
function simple(element: ReturnType<typeof parseXml>['root']): unknown {
  return [
    element.namespace,
    element.local,
    element.attributes.map(({ namespace, local, value }) => [namespace, local, value]),
    element.children.map((child) => (typeof child === 'string' ? child : simple(child))),
  ];
}
