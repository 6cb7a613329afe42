/** Everything the directory refuses, and what to do about it. */
import { errorTable } from '@parley/sdk';

export const DirectoryErrors = errorTable({
  DIRECTORY_URI_MALFORMED: {
    sentence: '"{found}" is not a user\'s address.',
    fix: 'Write it as sip:name@domain, for example sip:alice@{domain}.',
    status: 400,
  },
  DIRECTORY_DOMAIN_UNKNOWN: {
    sentence: 'This server does not serve the domain "{domain}" of "{aor}".',
    fix: 'Use one of its domains ({domains}), or add the domain to the configuration.',
    status: 404,
  },
  DIRECTORY_LOGIN_MALFORMED: {
    sentence: '"{found}" is not a sign-in name.',
    fix: 'Write it as DOMAIN\\name, name@realm or name, without spaces, quotes or control characters and at most {max} characters.',
    status: 400,
  },
  DIRECTORY_PHONE_MALFORMED: {
    sentence: '"{found}" is not a phone number in E.164 form.',
    fix: 'Write it with a plus sign and the country code, for example +14255550100 or +14255550100;ext=100.',
    status: 400,
  },
  DIRECTORY_NAME_MALFORMED: {
    sentence: 'The {what} "{found}" is empty, longer than {max} characters, or has control characters.',
    fix: 'Choose a shorter printable one.',
    status: 400,
  },
  DIRECTORY_LIST_TOO_LONG: {
    sentence: 'A user can have at most {max} {what}, not {found}.',
    fix: 'Leave some out.',
    status: 400,
  },
  DIRECTORY_TAKEN: {
    sentence: 'The {what} "{found}" belongs to {owner} already.',
    fix: 'Choose another, or take it away from {owner} first.',
    status: 409,
  },
  DIRECTORY_EXISTS: {
    sentence: 'There is a user "{found}" already.',
    fix: 'Change it with `parley user change {found}` or `parley user password {found}`, or choose another address.',
    status: 409,
  },
  DIRECTORY_CONFLICT: {
    sentence: 'Another server took one of these names at the same moment.',
    fix: 'Look at `parley user list` and try again.',
    status: 409,
  },
  DIRECTORY_USER_UNKNOWN: {
    sentence: 'There is no user "{found}".',
    fix: '`parley user list` shows the users; `parley user add {found}` makes one.',
    status: 404,
  },
  DIRECTORY_GROUP_UNKNOWN: {
    sentence: 'There is no group "{found}".',
    fix: '`parley group list` shows the groups; `parley group add "{found}"` makes one.',
    status: 404,
  },
  DIRECTORY_PASSWORD_WEAK: {
    sentence: 'The password is not good enough: {reasons}.',
    fix: 'Choose another; the minimum is set by passwords in the configuration of the directory.',
    status: 400,
  },
  DIRECTORY_PASSWORD_ABSENT: {
    sentence: 'No password was given for {aor}.',
    fix: 'Use --password-stdin or --password, run the command in a terminal to be asked, or say --without-password.',
    status: 400,
  },
  DIRECTORY_MECHANISM_TWICE: {
    sentence: 'Two plugins want to keep passwords for the mechanism "{mechanism}".',
    fix: 'Load only one of them.',
  },
  DIRECTORY_KEY_MISSING: {
    sentence: 'The key file {file} is missing, but {count} encrypted credentials need it.',
    fix: 'Restore it from your backup. Without it every password must be set anew: delete the rows of directory_credential to start over.',
  },
  DIRECTORY_KEY_DAMAGED: {
    sentence: 'The key file {file} has {found} bytes instead of {expected}.',
    fix: 'Restore it from your backup.',
  },
  DIRECTORY_KEY_EXPOSED: {
    sentence: 'The key file {file} can be read by others (mode {mode}).',
    fix: 'Run: chmod 600 {file}',
  },
  DIRECTORY_KEY_WRONG: {
    sentence: 'The key file {file} is not the one that the stored credentials were encrypted with.',
    fix: 'Restore the key file that belongs to this data folder.',
  },
  DIRECTORY_CREDENTIAL_DAMAGED: {
    sentence: 'The stored credential "{mechanism}" of user {user} cannot be decrypted.',
    fix: 'Set the password of this user anew: parley user password.',
    status: 500,
  },
  DIRECTORY_CSV_MALFORMED: {
    sentence: 'Not a CSV file: {found}.',
    fix: 'Save it as comma-separated values in UTF-8, with quotes around values that have commas, quotes or line breaks (RFC 4180).',
  },
  DIRECTORY_CSV_HEADER: {
    sentence: 'The first line of the file must name the columns: {found}.',
    fix: 'Use the columns uri, display, login, phone, group, password, enabled; only uri is required.',
  },
  DIRECTORY_IMPORT_REFUSED: {
    sentence: 'Nothing was imported, because {bad} of {total} lines are wrong:\n{lines}',
    fix: 'Mend these lines, or import the good ones with --skip-bad.',
  },
  DIRECTORY_IMPORT_STOPPED: {
    sentence: 'The import stopped after {done} of {total} users: {found}',
    fix: 'Those {done} are stored. Mend the cause and import the file again with --skip-bad.',
  },
});
