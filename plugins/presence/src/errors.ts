/** What presence refuses, and why. What is wrong with documents is in documents/errors.ts. */
import { errorTable } from '@parley/sdk';

/** Error codes of presence; `{name}` slots are filled where the error is made. */
export const PresenceErrors = errorTable({
  PRESENCE_NOT_YOURS: {
    sentence: '{who} may not act for {aor}',
    fix: 'Publish and subscribe in your own name: the addresses in From, To and the document are those you signed in with.',
    status: 403,
  },
  PRESENCE_NOT_AUTHENTICATED: {
    sentence: 'nothing has authenticated the sender',
    fix: 'Load an authentication plugin, or set requireAuthentication to false on a closed network.',
    status: 403,
  },
  PRESENCE_USER_UNKNOWN: { sentence: '{aor} does not exist', fix: 'Add the user with `parley user add`.', status: 404 },
  PRESENCE_USER_DISABLED: { sentence: '{aor} is disabled', fix: 'Enable the user with `parley user enable`.', status: 403 },
  PRESENCE_ENDPOINT_UNREGISTERED: {
    sentence: 'what lives as long as its endpoint is published by an endpoint that is not registered',
    fix: 'Register first, with the same epid.',
    status: 403,
  },
  PRESENCE_CONFLICT: {
    sentence: '{count} of the versions are out of date',
    fix: 'Take the versions of the fault and publish again.',
    status: 409,
  },
  PRESENCE_DELEGATES_CONFLICT: {
    sentence: 'the version of the delegates is out of date',
    fix: 'Take the version of the fault and send the change again.',
    status: 409,
  },
  PRESENCE_BLOCKED: {
    sentence: '{aor} does not let {who} see anything',
    fix: 'Ask for somebody else; {aor} decides who is blocked.',
    status: 403,
  },
  PRESENCE_LIMIT: {
    sentence: '{aor} has reached the limit of {limit} {what}',
    fix: 'Remove some first, or have the operator raise `limits.{setting}` of the presence plugin.',
    status: 403,
  },
  PRESENCE_BUSY: {
    sentence: '{count} changes of {aor} wait to be written',
    fix: 'Try again in a few seconds.',
    status: 503,
  },
  PRESENCE_NOT_STORED: {
    sentence: 'the change could not be written to the store',
    fix: 'Try again; the log of the server says what is wrong with the store.',
    status: 503,
  },
  PRESENCE_CONTENT_TYPE: {
    sentence: 'the body is {found}',
    fix: 'Send one of: {expected}.',
    status: 415,
  },
  PRESENCE_TOO_LARGE: {
    sentence: 'the body has {found} bytes; {limit} are the most',
    fix: 'Send it in several requests, or have the operator raise `limits.{setting}` of the presence plugin.',
    status: 413,
  },
  PRESENCE_EXTENSION_UNKNOWN: {
    sentence: 'the request needs {tags}, which presence does not know',
    fix: 'Send the request without that Require.',
    status: 420,
  },
  PRESENCE_NOT_ACCEPTED: {
    sentence: 'the subscriber accepts no form of presence that there is here',
    fix: 'Accept application/pidf+xml, text/xml+msrtc.pidf or application/msrtc-event-categories+xml.',
    status: 406,
  },
  PRESENCE_INTERVAL: {
    sentence: 'an interval of {found} seconds is asked for; {least} are the least',
    fix: 'Ask for more, or for none at all.',
    status: 423,
  },
  PRESENCE_BATCH_TARGET: {
    sentence: 'the request goes to {to} and is about {about}',
    fix: 'Ask for one contact at its own address, or subscribe to many, with Require: adhoclist, at your own.',
    status: 400,
  },
  PRESENCE_ENTITY_TAG: {
    sentence: 'no publication has the entity-tag {tag}',
    fix: 'Publish anew, without SIP-If-Match.',
    status: 412,
  },
  PRESENCE_EVENT: { sentence: 'there is no publishing for the event {event}', fix: 'Publish Event: presence.', status: 489 },
  PRESENCE_NO_BODY: { sentence: 'there is nothing in the publication', fix: 'Send a presence document.', status: 400 },
});
