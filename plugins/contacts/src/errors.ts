/** What contacts refuse, and why. */
import { errorTable } from '@parley/sdk';

/** Error codes of contacts; `{name}` slots are filled where the error is made. */
export const ContactsErrors = errorTable({
  CONTACTS_NOT_YOURS: {
    sentence: '{who} may not see or change the contacts of {aor}',
    fix: 'Send the request to your own address.',
    status: 403,
  },
  CONTACTS_NOT_AUTHENTICATED: {
    sentence: 'nothing has authenticated the sender',
    fix: 'Load an authentication plugin, or set requireAuthentication to false on a closed network.',
    status: 403,
  },
  CONTACTS_USER_UNKNOWN: { sentence: '{aor} does not exist', fix: 'Add the user with `parley user add`.', status: 404 },
  CONTACTS_USER_DISABLED: { sentence: '{aor} is disabled', fix: 'Enable the user with `parley user enable`.', status: 403 },
  CONTACTS_TOO_LARGE: {
    sentence: 'the request has {found} bytes; {limit} are the most',
    fix: 'Change one contact or group at a time.',
    status: 413,
  },
  CONTACTS_MALFORMED: {
    sentence: 'the request cannot be read: {reason}',
    fix: 'Send a SOAP 1.1 envelope with one operation of http://schemas.microsoft.com/winrtc/2002/11/sip ([MS-SIP] section 2.2.4.2).',
    status: 400,
  },
  CONTACTS_VALUE_MALFORMED: {
    sentence: '{field} is {found}, not {wanted}',
    fix: 'Send it as [MS-SIP] section 9 has it.',
    status: 400,
  },
  CONTACTS_VALUE_TOO_LONG: {
    sentence: '{field} has {found} characters; {limit} are the most',
    fix: 'Shorten it.',
    status: 400,
  },
  CONTACTS_URI_MALFORMED: {
    sentence: '"{found}" is no address of a contact',
    fix: 'Write it as sip:bob@example.com or tel:+14255550100, with at most 454 characters.',
    status: 400,
  },
  CONTACTS_GROUP_UNKNOWN: {
    sentence: 'there is no group {id}',
    fix: 'Add the group first, and use the number that the answer has.',
    status: 400,
  },
  CONTACTS_GROUP_FIXED: {
    sentence: 'group 1 belongs to every list and stays as it is',
    fix: 'Change or remove another group.',
    status: 403,
  },
  CONTACTS_GROUP_TAKEN: {
    sentence: 'group {id} has the name "{name}" already',
    fix: 'Choose another name, or use that group.',
    status: 409,
  },
  CONTACTS_GROUP_NOT_EMPTY: {
    sentence: 'group {id} has {count} contacts',
    fix: 'Move or remove them first ([MS-SIP] section 3.7.4.4).',
    status: 409,
  },
  CONTACTS_LIMIT: {
    sentence: 'limit reached: a contact list has at most {limit} contacts',
    fix: 'Remove contacts, or let the administrator raise maxContacts.',
    status: 403,
  },
  CONTACTS_GROUP_LIMIT: {
    sentence: 'limit reached: a contact list has at most {limit} groups',
    fix: 'Remove groups, or let the administrator raise maxGroups.',
    status: 403,
  },
  CONTACTS_ACCESS_LIMIT: {
    sentence: 'limit reached: a user has at most {limit} access control entries',
    fix: 'Change entries that are there, or let the administrator raise maxAccessEntries.',
    status: 403,
  },
  CONTACTS_SEARCHES_LIMIT: {
    sentence: 'limit reached: {who} may search {limit} times a minute',
    fix: 'Try again in a minute, or let the administrator raise search.perMinute.',
    status: 503,
  },
  CONTACTS_IMPORT_MALFORMED: {
    sentence: 'the file cannot be read: {reason}',
    fix: 'Write it as `parley contacts export` does: JSON, or CSV with the columns owner, uri, name, groups, subscribed.',
  },
  CONTACTS_IMPORT_REFUSED: {
    sentence: 'Nothing was imported, because {bad} of {total} contacts or lists are wrong:\n{lines}',
    fix: 'Mend these, or import the rest with --skip-bad.',
  },
});
