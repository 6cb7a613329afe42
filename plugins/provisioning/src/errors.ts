/** What provisioning refuses, and why. */
import { errorTable } from '@parley/sdk';

/** Error codes of provisioning; `{name}` slots are filled where the error is made. */
export const ProvisioningErrors = errorTable({
  PROVISIONING_NOT_YOURS: {
    sentence: '{who} may not ask how {aor} is provisioned',
    fix: 'Subscribe to your own address.',
    status: 403,
  },
  PROVISIONING_NOT_AUTHENTICATED: {
    sentence: 'nothing has authenticated the sender',
    fix: 'Load an authentication plugin, or set requireAuthentication to false on a closed network.',
    status: 403,
  },
  PROVISIONING_USER_UNKNOWN: { sentence: '{aor} does not exist', fix: 'Add the user with `parley user add`.', status: 404 },
  PROVISIONING_USER_DISABLED: { sentence: '{aor} is disabled', fix: 'Enable the user with `parley user enable`.', status: 403 },
  PROVISIONING_CONTENT_TYPE: {
    sentence: 'the groups that are wanted come as {found}',
    fix: 'Send application/vnd-microsoft-roaming-provisioning-v2+xml ([MS-SIPREGE] section 2.2.2.4).',
    status: 415,
  },
  PROVISIONING_TOO_LARGE: {
    sentence: 'the list of groups has {found} bytes; {limit} are the most',
    fix: 'Name each group once.',
    status: 413,
  },
  PROVISIONING_MALFORMED: {
    sentence: 'the list of groups cannot be read: {reason}',
    fix: 'Send a provisioningGroupList ([MS-SIPREGE] section 2.2.2.4).',
    status: 400,
  },
  PROVISIONING_SETTING_UNKNOWN: {
    sentence: '{setting} names no setting',
    fix: 'Write GROUP.NAME, such as ucPolicy.AllowCallForwarding. Groups: {groups}.',
  },
  PROVISIONING_VALUE_TOO_LONG: {
    sentence: 'the value has {found} characters; {limit} are the most',
    fix: 'Shorten it: clients do not take more.',
  },
  PROVISIONING_SCOPE_UNKNOWN: {
    sentence: '{scope} is neither global nor a group or user of the directory',
    fix: 'Write global, group:NAME or user:ADDRESS; see `parley group list` and `parley user list`.',
  },
  PROVISIONING_NOT_SET: {
    sentence: '{setting} is not set for {scope}',
    fix: 'See what is with `parley policy list`. What the configuration file sets has to be changed there.',
  },
});
