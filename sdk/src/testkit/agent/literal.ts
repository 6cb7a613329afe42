/** Messages as tests write them down: lines of text. */

const CONTENT_LENGTH = /\r\nContent-Length[ \t]*:[^\r\n]*/i;

/**
 * The bytes of a message from its text. Lines of the head end with LF or CRLF; the body is taken as it stands, except that text with LF
 * line ends throughout keeps them. Content-Length is put right, or added. Characters beyond Latin-1 become UTF-8.
 */
export function literalBytes(text: string): Buffer {
  const [, head = '', body = ''] = /^([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(text.replace(/^\s+/, '')) ?? [];
  const content = bytesOf(body);
  const lines = head.trimEnd().replaceAll(/\r?\n/g, '\r\n').replace(CONTENT_LENGTH, '');
  return Buffer.concat([bytesOf(`${lines}\r\nContent-Length: ${content.length}\r\n\r\n`), content]);
}

/** Captured messages are byte strings; what people write is text. */
function bytesOf(text: string): Buffer {
  // oxlint-disable-next-line no-control-regex -- the question is whether there is a character above Latin-1
  return Buffer.from(text, /^[\x00-\xff]*$/.test(text) ? 'latin1' : 'utf8');
}
