/** What the registrar refuses, and why. */
import { errorTable } from '@parley/sdk';

/** Error codes of the registrar; `{name}` slots are filled where the error is made. */
export const RegistrarErrors = errorTable({
  REGISTRAR_DOMAIN_UNKNOWN: {
    sentence: '{aor} is not in a domain of this server',
    fix: 'Register an address of a local domain, or add the domain to the configuration.',
    status: 404,
  },
  REGISTRAR_NOT_SIP: {
    sentence: 'To has the scheme {scheme}: only SIP addresses can be registered',
    fix: 'Put a sip or sips URI into To.',
    status: 400,
  },
  REGISTRAR_USER_UNKNOWN: { sentence: '{aor} does not exist', fix: 'Add the user with `parley user add`.', status: 404 },
  REGISTRAR_USER_DISABLED: { sentence: '{aor} is disabled', fix: 'Enable the user in the directory.', status: 403 },
  REGISTRAR_NOT_AUTHENTICATED: {
    sentence: 'nothing has authenticated the sender',
    fix: 'Load an authentication plugin, or set requireAuthentication to false on a closed network.',
    status: 403,
  },
  REGISTRAR_NOT_YOURS: {
    sentence: '{identity} may not register for {aor}',
    fix: 'Register your own address in the To header.',
    status: 403,
  },
  REGISTRAR_NOT_YOUR_REGISTRATIONS: {
    sentence: '{identity} may not see where {aor} is registered',
    fix: 'Subscribe to your own address.',
    status: 403,
  },
  REGISTRAR_CONTACT_MALFORMED: {
    sentence: 'Contact is malformed: {reason}',
    fix: 'Send sip or sips URIs as RFC 3261 section 10 asks.',
    status: 400,
  },
  REGISTRAR_STAR_MISUSED: {
    sentence: 'Contact: * stands {reason}',
    fix: 'Send Contact: * alone and with Expires: 0 (RFC 3261 section 10.3).',
    status: 400,
  },
  REGISTRAR_STALE: {
    sentence: 'CSeq {found} is not above {stored}, which this Call-ID reached before',
    fix: 'Raise CSeq with every REGISTER of a Call-ID (RFC 3261 section 10.2).',
    status: 500,
  },
  REGISTRAR_TOO_BRIEF: { sentence: '{found} s is too short to register for', fix: 'Ask for at least {least} s.', status: 423 },
  REGISTRAR_QUOTA: {
    sentence: '{aor} has {limit} endpoints already',
    fix: 'Sign out elsewhere, or let the administrator raise maxContacts.',
    status: 403,
  },
  REGISTRAR_FULL: {
    sentence: 'this server holds {limit} registrations and takes no more',
    fix: 'Try again later, or let the administrator raise maxBindings.',
    status: 503,
  },
  REGISTRAR_INSTANCE_MALFORMED: {
    sentence: '+sip.instance is not a UUID URN',
    fix: 'Send +sip.instance="<urn:uuid:...>" ([MS-SIPRE] section 3.2).',
    status: 400,
  },
  REGISTRAR_INSTANCE_NOT_OF_EPID: {
    sentence: '+sip.instance is not the UUID of epid {epid}',
    fix: 'Derive the UUID from the epid ([MS-SIPRE] section 3.2).',
    status: 400,
  },
  REGISTRAR_EPID_MALFORMED: {
    sentence: 'the epid is longer than {limit} characters or no token',
    fix: 'Send up to 16 hexadecimal digits.',
    status: 400,
  },
  REGISTRAR_ENDPOINT_UNNAMED: {
    sentence: 'the endpoint has neither an epid nor +sip.instance',
    fix: 'Send one of them ([MS-SIPREGE] section 3.1.2.5.1).',
    status: 400,
  },
  REGISTRAR_EVENT_UNKNOWN: { sentence: 'Event of a REGISTER is {found}', fix: 'Send Event: registration, or no Event.', status: 489 },
  REGISTRAR_GRUU_NEEDED: { sentence: 'msrtc-event-categories comes without gruu-10', fix: 'Offer gruu-10 in Supported too.', status: 421 },
  REGISTRAR_OPTION_UNKNOWN: { sentence: 'the registrar does not know {found}', fix: 'Leave the option out of Require.', status: 420 },
  REGISTRAR_FIRST_HOP: {
    sentence: 'a proxy between you and the registrar does not do outbound (RFC 5626)',
    fix: 'Register without reg-id.',
    status: 439,
  },
  REGISTRAR_REG_ID_MISUSED: {
    sentence: 'reg-id {reason}',
    fix: 'Register one Contact with reg-id 1 to 2147483647 (RFC 5626 section 6).',
    status: 400,
  },
  REGISTRAR_PATH_TOO_LONG: {
    sentence: 'Path has more than {limit} values or characters',
    fix: 'Shorten the way to this registrar.',
    status: 400,
  },
  REGISTRAR_CONTACT_PROXY: {
    sentence: 'Contact has proxy=replace, but {reason}',
    fix: 'Send proxy=replace only on a direct connection of the same transport ([MS-SIPRE] section 3.4).',
    status: 400,
  },
  REGISTRAR_NOT_REGISTERED: {
    sentence: '{aor} has no registration',
    fix: 'See who has with `parley registrations`; write the address as alice@example.com.',
  },
  REGISTRAR_NO_DIRECTORY: {
    sentence: 'the registrar checks users in the directory, and no plugin provides one',
    fix: "Load the directory plugin, or set users to 'any' for a load test.",
  },
});
