/** Messages as tests write them down: lines of text, or captured bytes. */

const CONTENT_LENGTH = /\r\nContent-Length[ \t]*:[^\r\n]*/i;

/**
 * The bytes of a message from its text (which becomes UTF-8) or from captured bytes. Lines of the head may end with LF; the body is taken
 * as it stands. Content-Length is put right, or added.
 */
export function literalBytes(message: string | Buffer): Buffer {
  const text = typeof message === 'string' ? Buffer.from(message, 'utf8').toString('latin1') : message.toString('latin1');
  const [, head = '', body = ''] = /^([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(text.replace(/^\s+/, '')) ?? [];
  const lines = head.trimEnd().replaceAll(/\r?\n/g, '\r\n').replace(CONTENT_LENGTH, '');
  return Buffer.from(`${lines}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1');
}
