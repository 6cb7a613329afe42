/** What makes XML unreadable here. Peers send it, so every code has a status. */
import { errorTable } from '@parley/core';

/** Errors of XML documents. */
export const XmlErrors = errorTable({
  XML_MALFORMED: {
    sentence: 'The XML is not well-formed at {line}:{column}: {problem}.',
    fix: 'Send well-formed XML 1.0 with namespaces.',
    status: 400,
  },
  XML_FORBIDDEN: {
    sentence: 'The XML has {what} at {line}:{column}, which is not taken here.',
    fix: 'Leave it out: what is meant must stand in the document itself.',
    status: 400,
  },
  XML_ENCODING: {
    sentence: 'The XML is not in UTF-8 or UTF-16: {found}.',
    fix: 'Send it in UTF-8.',
    status: 400,
  },
  XML_TOO_LARGE: {
    sentence: 'The XML has {found} bytes or characters; {limit} are the most.',
    fix: 'Send less at a time.',
    status: 413,
  },
  XML_LIMIT: {
    sentence: 'The XML has more than {limit} {what} at {line}:{column}.',
    fix: 'Send a simpler document.',
    status: 400,
  },
  XML_MISSING: {
    sentence: 'The element {parent} lacks {what}.',
    fix: 'Send it as the specification of this request says.',
    status: 400,
  },
});
