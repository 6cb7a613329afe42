import { describe, expect, test } from 'vitest';
import {
  SOAP_NAMESPACES,
  SoapFault,
  SoapService,
  parseXml,
  readEnvelope,
  readSecurity,
  readUtcTime,
  utcTime,
  xmlElement,
} from '../../src/index.ts';
import type { SoapAnswer } from '../../src/index.ts';

const SOAP = SOAP_NAMESPACES.soap;
const envelope = (body: string, header = ''): string => `<s:Envelope xmlns:s="${SOAP}">${header}<s:Body>${body}</s:Body></s:Envelope>`;

const failures: unknown[] = [];
const service = new SoapService<string>({
  operations: {
    Greet: { responseAction: 'urn:greeted', run: ({ operation, context }) => xmlElement('Greeting', {}, `${operation.text} ${context}`) },
    Refuse: {
      run: () => {
        throw new SoapFault('wsse:InvalidSecurityToken', 'The ticket has <expired>', { errorId: 28_020 });
      },
    },
    Break: {
      run: () => {
        throw new Error('the password is secret');
      },
    },
  },
  failed: (error) => failures.push(error),
});
const ask = (text: string): Promise<SoapAnswer> => service.answer(Buffer.from(text), 'you');

describe('a service', () => {
  test('finds the operation by its local name, in any namespace', async () => {
    const { status, body, contentType } = await ask(envelope('<x:Greet xmlns:x="urn:any">hello</x:Greet>'));
    expect([status, contentType]).toEqual([200, 'text/xml; charset=utf-8']);
    expect(parseXml(body).root.find('Body', 'Greeting')?.text).toBe('hello you');
    expect(parseXml(body).root.child('Header')).toBeUndefined();
  });

  test('answers with WS-Addressing those who use it', async () => {
    const header = `<s:Header xmlns:a="${SOAP_NAMESPACES.addressing}"><a:MessageID>uuid:1&lt;</a:MessageID></s:Header>`;
    const { body } = await ask(envelope('<Greet/>', header));
    const root = parseXml(body).root.child('Header');
    expect([root?.child('RelatesTo')?.text, root?.child('Action')?.text]).toEqual(['uuid:1<', 'urn:greeted']);
  });

  test('a refusal is a fault with its code, its reason and the ErrorId', async () => {
    const { status, body } = await ask(envelope('<Refuse/>'));
    const fault = parseXml(body).root.find('Body', 'Fault');
    expect(status).toBe(500);
    expect(fault?.child('faultcode')?.text).toBe('wsse:InvalidSecurityToken');
    expect(fault?.child('faultcode')?.declarations).toEqual([{ prefix: 'wsse', namespace: SOAP_NAMESPACES.secext }]);
    expect(fault?.child('faultstring')?.text).toBe('The ticket has <expired>');
    const diagnostics = fault?.find('detail', 'OCSDiagnosticsFault', 'Ms-Diagnostics-Fault');
    expect([diagnostics?.child('ErrorId')?.text, diagnostics?.child('Reason')?.text]).toEqual(['28020', 'The ticket has <expired>']);
  });

  test('what goes wrong inside is for the log alone', async () => {
    const { status, body } = await ask(envelope('<Break/>'));
    expect(status).toBe(500);
    expect(body).toContain('soap:Server');
    expect(body).not.toContain('secret');
    expect(failures).toHaveLength(1);
  });

  test.each([
    ['no XML', 'hello', 400, 'soap:Client'],
    ['an XML bomb', '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', 400, 'soap:Client'],
    ['elements inside each other without end', '<a>'.repeat(10_000), 400, 'soap:Client'],
    ['another document', '<html/>', 400, 'soap:Client'],
    ['SOAP 1.2', `<s:Envelope xmlns:s="${SOAP_NAMESPACES.soap12}"><s:Body><Greet/></s:Body></s:Envelope>`, 500, 'soap:VersionMismatch'],
    ['an empty body', envelope(''), 400, 'soap:Client'],
    ['two operations', envelope('<Greet/><Greet/>'), 400, 'soap:Client'],
    ['two bodies', `<s:Envelope xmlns:s="${SOAP}"><s:Body><Greet/></s:Body><s:Body><Greet/></s:Body></s:Envelope>`, 400, 'soap:Client'],
    ['an unknown operation', envelope('<constructor/>'), 500, 'soap:Client'],
    [
      'a header that must be understood',
      envelope('<Greet/>', '<s:Header><h s:mustUnderstand="1"/></s:Header>'),
      500,
      'soap:MustUnderstand',
    ],
  ])('refuses %s', async (_name, text, status, faultcode) => {
    const answer = await ask(text);
    expect([answer.status, parseXml(answer.body).root.find('Body', 'Fault', 'faultcode')?.text]).toEqual([status, faultcode]);
  });
});

describe('the Security header', () => {
  const { secext, utility, saml, signature } = SOAP_NAMESPACES;
  const parts = {
    timestamp: `<u:Timestamp xmlns:u="${utility}"/>`,
    assertion: `<Assertion xmlns="${saml}"/>`,
    signature: `<Signature xmlns="${signature}"/>`,
  };
  const read = (inner: string, times = 1): ReturnType<typeof readSecurity> =>
    readSecurity(
      readEnvelope(envelope('<Greet/>', `<s:Header>${`<w:Security xmlns:w="${secext}">${inner}</w:Security>`.repeat(times)}</s:Header>`)),
    );

  test('its parts are found by namespace', () => {
    const security = read(Object.values(parts).join(''));
    expect([security?.timestamp?.local, security?.assertion?.local, security?.signature?.local]).toEqual([
      'Timestamp',
      'Assertion',
      'Signature',
    ]);
    expect(read('<Assertion/>')?.assertion).toBeUndefined();
    expect(readSecurity(readEnvelope(envelope('<Greet/>')))).toBeUndefined();
  });

  test.each(Object.entries(parts))('a second %s is refused, as a second header is', (_name, part) => {
    expect(() => read(part + part)).toThrow(/more than one/);
    expect(() => read(part, 2)).toThrow(/more than one/);
  });
});

test('times are UTC, to the second', () => {
  expect(utcTime(Date.UTC(2024, 0, 1, 8, 0, 0, 999))).toBe('2024-01-01T08:00:00Z');
  expect(readUtcTime(' 2024-01-01T08:00:00.5Z ')).toBe(Date.UTC(2024, 0, 1, 8, 0, 0, 500));
  for (const wrong of [undefined, '', '2024-01-01', '2024-01-01T08:00:00+01:00', '2024-13-01T00:00:00Z'])
    expect(readUtcTime(wrong)).toBeUndefined();
});
