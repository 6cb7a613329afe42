import { describe, expect, test } from 'vitest';
import { XmlElement, parseXml, sourceOf } from '../../src/xml/index.ts';
import type { XmlLimits } from '../../src/xml/index.ts';

const code = (source: Buffer | string, limits?: Partial<XmlLimits>): unknown => {
  try {
    parseXml(source, limits);
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const DOCUMENT = `<?xml version="1.0"?>
<!-- a comment --><s:a xmlns:s="urn:s" xmlns="urn:d" z="1" s:b="&lt;&#x41;&quot;" y="">
  <b>one<![CDATA[<two>]]> &amp; three</b><s:b/><c xmlns=""><b/></c>
</s:a>`;

describe('reading', () => {
  const { root } = parseXml(DOCUMENT);

  test('names have their namespaces, attributes without a prefix have none', () => {
    expect([root.prefix, root.local, root.namespace]).toEqual(['s', 'a', 'urn:s']);
    expect(root.attributes.map(({ local, namespace, value }) => [local, namespace, value])).toEqual([
      ['z', '', '1'],
      ['b', 'urn:s', '<A"'],
      ['y', '', ''],
    ]);
    expect(root.elements.map((child) => child.namespace)).toEqual(['urn:d', 'urn:s', '']);
  });

  test('elements are found by local name, and by namespace where that matters', () => {
    expect(root.child('b')?.text).toBe('one<two> & three');
    expect(root.child('b', 'urn:s')?.children).toEqual([]);
    expect(root.all('b')).toHaveLength(2);
    expect([...root.descendants('b')]).toHaveLength(3);
    expect(root.find('c', 'b')?.namespace).toBe('');
    expect(root.find('c', 'd', 'b')).toBeUndefined();
    expect(root.attribute('b')).toBeUndefined();
    expect(root.attribute('b', 'urn:s')).toBe('<A"');
    expect(() => root.need('nowhere')).toThrow(/The element a lacks the element nowhere/);
  });

  test('the text of an element can be had to the byte', () => {
    const document = parseXml(DOCUMENT);
    expect(sourceOf(document, document.root.child('b') as XmlElement)).toBe('<b>one<![CDATA[<two>]]> &amp; three</b>');
    expect(sourceOf(document, document.root.child('b', 'urn:s') as XmlElement)).toBe('<s:b/>');
    expect(sourceOf(document, document.root)).toBe(DOCUMENT.slice(DOCUMENT.indexOf('<s:a')));
  });

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeff<a>é</a>', 'utf8')],
    ['UTF-16, little end first', Buffer.from('\ufeff<?xml version="1.0" encoding="utf-16"?><a>é</a>', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('\ufeff<a>é</a>', 'utf16le').swap16()],
  ])('%s is understood', (_name, bytes) => {
    expect(parseXml(bytes).root.text).toBe('é');
  });
});

describe('refusing', () => {
  test.each([
    ['a DTD', '<!DOCTYPE a><a/>', 'XML_FORBIDDEN'],
    ['an entity bomb', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', 'XML_FORBIDDEN'],
    ['a file as an entity', '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', 'XML_FORBIDDEN'],
    ['an entity that is not declared', '<a>&nbsp;</a>', 'XML_MALFORMED'],
    ['an attribute twice', '<a b="1" b="2"/>', 'XML_MALFORMED'],
    ['one attribute under two prefixes', '<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>', 'XML_MALFORMED'],
    ['a prefix that is not declared', '<p:a/>', 'XML_MALFORMED'],
    ['tags that cross', '<a><b></a></b>', 'XML_MALFORMED'],
    ['two roots', '<a/><b/>', 'XML_MALFORMED'],
    ['half a document', '<a><b>', 'XML_MALFORMED'],
    ['nothing', '', 'XML_MALFORMED'],
    ['text alone', 'hello', 'XML_MALFORMED'],
    ['a control character', '<a>\u0001</a>', 'XML_MALFORMED'],
    ['a control character by number', '<a>&#1;</a>', 'XML_MALFORMED'],
  ])('%s', (_name, text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test('a document cut off anywhere is refused', () => {
    const whole = DOCUMENT.trim();
    for (let length = 0; length < whole.length; length++) expect(code(whole.slice(0, length))).not.toBe('read');
  });

  test('bytes that are not the encoding they claim', () => {
    expect(code(Buffer.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e))).toBe('XML_ENCODING');
    expect(code(Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a/>'))).toBe('XML_ENCODING');
  });

  test('50,000 elements inside each other stop at the limit', () => {
    expect(code('<a>'.repeat(50_000))).toBe('XML_LIMIT');
    expect(code(`${'<a>'.repeat(3)}${'</a>'.repeat(3)}`, { depth: 3 })).toBe('read');
    expect(code(`${'<a>'.repeat(4)}${'</a>'.repeat(4)}`, { depth: 3 })).toBe('XML_LIMIT');
  });

  test('too many elements, attributes and bytes', () => {
    expect(code(`<a>${'<b/>'.repeat(9)}</a>`, { elements: 10 })).toBe('read');
    expect(code(`<a>${'<b/>'.repeat(10)}</a>`, { elements: 10 })).toBe('XML_LIMIT');
    expect(code(`<a ${Array.from({ length: 65 }, (_v, i) => `a${i}=""`).join(' ')}/>`)).toBe('XML_LIMIT');
    expect(code(`<a ${Array.from({ length: 65 }, (_v, i) => `xmlns:a${i}="urn:x"`).join(' ')}/>`)).toBe('XML_LIMIT');
    expect(code('<a>12345</a>', { size: 11 })).toBe('XML_TOO_LARGE');
  });

  test('errors say where', () => {
    expect(() => parseXml('<a>\n  <b></c></a>')).toThrow(/at 2:\d+/);
  });
});
