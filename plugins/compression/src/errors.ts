/** What makes a compressed stream undecodable; the connection ends with it ([MS-SIPCOMP] R6). */
import { errorTable } from '@parley/sdk';

export const CompressionErrors = errorTable({
  COMPRESSION_FLAGS: {
    sentence: 'a compression packet has the flags {found}, which contradict each other',
    fix: 'Set PACKET_FLUSHED alone, and PACKET_AT_FRONT only with PACKET_COMPRESSED ([MS-SIPCOMP] section 3.1.5.1).',
  },
  COMPRESSION_LENGTH: {
    sentence: 'a compression packet announces {found} bytes; {limit} are the most',
    fix: 'Send at most as much as the history holds in one packet.',
  },
  COMPRESSION_DATA: {
    sentence: 'compressed data cannot be decoded: {problem}',
    fix: 'Encode it by RFC 2118 section 4.',
  },
  COMPRESSION_UNAUTHENTICATED: {
    sentence: 'more than {limit} bytes came out of compressed data before anybody had signed in',
    fix: 'Sign in first.',
  },
});
