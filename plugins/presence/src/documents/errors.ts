/** What is wrong with presence documents that peers send. */
import { errorTable } from '@parley/sdk';

export const PresenceDocumentErrors = errorTable({
  PRESENCE_DOCUMENT_MALFORMED: {
    sentence: 'The {what} cannot be read: {problem}.',
    fix: 'Send it as [MS-PRES] section 2.2.2 says.',
    status: 400,
  },
  PRESENCE_DOCUMENT_TOO_LARGE: {
    sentence: 'The {what} has {found} {unit}; {limit} are the most.',
    fix: 'Send less at a time.',
    status: 413,
  },
  PRESENCE_DOCUMENT_CATEGORY_UNKNOWN: {
    sentence: 'There is no category {category} on this server.',
    fix: 'Publish a category of [MS-PRES], or have the operator add it to `categories` of the presence plugin.',
    status: 400,
  },
  PRESENCE_DOCUMENT_SERVER_OWNED: {
    sentence: 'Instance {instance} of {category} is published by the server alone.',
    fix: 'Publish under another instance; what the server publishes follows the directory and the states of all endpoints.',
    status: 403,
  },
  PRESENCE_DOCUMENT_DUPLICATE: {
    sentence: 'The {what} names {found} twice.',
    fix: 'Say once what is to become of it.',
    status: 400,
  },
});
