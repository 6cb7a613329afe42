import { expect, test } from 'vitest';
import { Markup, parseXml, serialiseXml, xmlDocument, xmlElement } from '../../src/xml/index.ts';

test('text and values are escaped, markup is not', () => {
  const inner = xmlElement('p:b', { 'xmlns:p': 'urn:p', v: `<"&'\n` }, 'a < b & c ]]> \r\n');
  expect(xmlElement('a', { gone: undefined, n: 7 }, inner, [undefined, 'x', 5]).text).toBe(
    `<a n="7"><p:b xmlns:p="urn:p" v="&lt;&quot;&amp;'&#xA;">a &lt; b &amp; c ]]&gt; &#xD;\n</p:b>x5</a>`,
  );
});

test('what is written is read as it was meant', () => {
  const value = 'tab\t line\n return\r "quotes" \'too\' <&> ]]> 𝄞';
  const { root } = parseXml(xmlDocument(xmlElement('a', { v: value }, value)));
  expect([root.attribute('v'), root.text]).toEqual([value, value]);
});

test('what XML cannot hold is replaced', () => {
  expect(xmlElement('a', {}, 'x\u0000y\ud800z\udc00 𝄞\uffff').text).toBe('<a>x\ufffdy\ufffdz\ufffd 𝄞\ufffd</a>');
});

test('a name that is none is refused', () => {
  expect(() => xmlElement('a b')).toThrow(TypeError);
  expect(() => xmlElement('a', { '1': 'x' })).toThrow(TypeError);
  expect(() => xmlElement('a><b')).toThrow(TypeError);
});

test('an element without content is closed at once', () => {
  expect(xmlElement('a', {}, '', undefined).text).toBe('<a/>');
  expect(String(new Markup('<x/>'))).toBe('<x/>');
});

test('an element of a tree stands alone: what it uses is declared on it', () => {
  const { root } = parseXml(
    '<e:E xmlns:e="urn:e" xmlns:p="urn:p" xmlns="urn:d" xmlns:unused="urn:u"><x p:v="1" xml:lang="en"><e:y xmlns:q="urn:q"/><z xmlns="">t&amp;</z></x></e:E>',
  );
  const [x] = root.elements;
  expect(x === undefined ? '' : serialiseXml(x).text).toBe(
    '<x xmlns="urn:d" xmlns:p="urn:p" p:v="1" xml:lang="en"><e:y xmlns:q="urn:q" xmlns:e="urn:e"/><z xmlns="">t&amp;</z></x>',
  );
});

test('reading and writing change nothing of what a document means', () => {
  const text = '<a:b xmlns:a="urn:a" c="1&#x9;"><d xmlns="urn:d">x&lt;y</d><a:e/></a:b>';
  expect(serialiseXml(parseXml(text).root).text).toBe(text);
});
