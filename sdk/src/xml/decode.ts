/** Bytes of an XML document as text. XML 1.0 section 4.3.3 and appendix F, as far as UTF-8 and UTF-16 go. */
import { XmlErrors } from './errors.ts';

const DECLARED = /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']/;
/** Other names mean other encodings, whose text would silently be another one. */
const SUBSETS_OF_UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/** The text without its byte order mark. Throws XML_ENCODING. */
export function decodeXml(bytes: Buffer): string {
  const unicode16 = utf16Of(bytes);
  if (unicode16 !== undefined) return decode(bytes, unicode16);
  const text = decode(bytes, 'utf-8');
  const declared = DECLARED.exec(text)?.[1];
  if (declared !== undefined && !SUBSETS_OF_UTF8.has(declared.toLowerCase())) {
    throw XmlErrors.XML_ENCODING({ found: `it says that it is in ${declared}` });
  }
  return text;
}

/** By the byte order mark, which UTF-16 must have. */
function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

function decode(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw XmlErrors.XML_ENCODING({ found: `its bytes are no ${encoding}` }, { cause });
  }
}
