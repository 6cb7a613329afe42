/** What can go wrong with applications in other processes. */
import { errorTable } from '@parley/sdk';

export const ExternalErrors = errorTable({
  EXTERNAL_SOCKET: {
    sentence: 'the socket {path} cannot be opened: {reason}',
    fix: 'Choose another path in `socket`; it may have 100 characters.',
  },
  EXTERNAL_TLS: {
    sentence: 'applications cannot be listened to on {place}: {reason}',
    fix: 'Look at `tls` in the plugin’s configuration.',
  },
  EXTERNAL_CRITICAL_MISSING: {
    sentence: 'critical applications have not attached within {seconds} s: {names}',
    fix: 'Start them; or set critical to false for those that the server can do without.',
  },
  EXTERNAL_UNKNOWN: {
    sentence: 'no application with the appUri {appUri} is registered',
    fix: 'Add it to `applications` of the plugin external-applications: { name: { uri: "{appUri}" } }.',
  },
  EXTERNAL_DISABLED: { sentence: 'the application {name} is disabled', fix: 'Set enabled to true in the plugin’s configuration.' },
  EXTERNAL_NOT_PROVEN: {
    sentence: 'the application {name} has not shown who it is',
    fix: 'Give it the secret, or the certificate, that the plugin’s configuration names for it; over TLS one of the two has to be named.',
  },
  EXTERNAL_TWICE: { sentence: 'the application {name} is attached already', fix: 'Stop the other process first.' },
  EXTERNAL_OTHER_URI: {
    sentence: 'the manifest says appUri {found}, the application is registered as {wanted}',
    fix: 'Make the two the same.',
  },
  EXTERNAL_MANIFEST: {
    sentence: 'the manifest does not compile:\n{list}',
    fix: 'Mend it at the places named; `parley script check` says the same.',
  },
  EXTERNAL_FILES: {
    sentence: 'the manifest declares files, which the server does not read for an application in another process',
    fix: 'Let the application read them, and Dispatch to it.',
  },
  EXTERNAL_PROTOCOL: {
    sentence: 'the application does not keep to the protocol: {problem}',
    fix: 'Use a client of protocol version {version}.',
  },
  EXTERNAL_TOO_FAST: {
    sentence: 'more than {limit} frames came within a second',
    fix: 'Slow the application down, or raise limits.framesPerSecond.',
  },
  EXTERNAL_SILENT: {
    sentence: 'nothing has come for {seconds} s',
    fix: 'See whether the application hangs; it is taken back when it connects again.',
  },
  EXTERNAL_LATE: { sentence: '{what} {id} is not open any more', fix: 'Decide within the time that the server names, and once.' },
  EXTERNAL_REQUEST: {
    sentence: 'this request was not sent: {problem}',
    fix: 'Send what needs no dialog, or name one whose first request the application has decided; its `requests` have to allow it.',
  },
  EXTERNAL_REQUESTS_TOO_MANY: {
    sentence: 'this request was not sent: more than {limit}',
    fix: 'Wait for answers, or raise `requests` of the application in the plugin’s configuration.',
  },
  EXTERNAL_CHANGE: { sentence: 'this was not done: {problem}', fix: 'Send what a SIP message can carry.' },
});
