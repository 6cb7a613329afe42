/** Errors of the parts of the host that run the SIP server: certificates, scripts, the application chain. */
import { errorTable } from '../errors/index.ts';

export const ServerErrors = errorTable({
  HOST_CONTACT_NOT_YOURS: {
    sentence: 'Contact names an endpoint of {owner}, but the sender is {identity}',
    fix: 'Send the GRUU of the endpoint that sends the request.',
    status: 403,
  },
  HOST_APPLICATION_DISABLED: {
    sentence: 'The routing application {name} has made ten critical errors and is out of the chain.',
    fix: 'Its errors are in the log above this line; mend the script and reload it, or let it in again with: parley script enable {name}',
  },
  HOST_SECRET_FILE: {
    sentence: '{file} holds {found} bytes instead of {wanted}.',
    fix: 'Restore it from a backup, or remove it: calls that are up now will then not survive the restart.',
  },
  HOST_NO_CERTIFICATE: {
    sentence: 'The {transport} listener on port {port} has no certificate for {fqdn}.',
    fix: 'Add the plugin pki, which makes one, or name certFile and keyFile under its tls settings.',
  },
  HOST_CERTIFICATE_FILE: {
    sentence: 'The file {file} of the listener on port {port} cannot be read: {reason}.',
    fix: 'Check the path and that the server may read it.',
  },
  HOST_PLUGIN_SCRIPT_UNREADABLE: {
    sentence: 'The routing script {file} of the plugin "{plugin}" cannot be read: {reason}.',
    fix: 'Its author names it under `scripts` of the definition, relative to `root`. In a package, `files` of package.json has to list it: "*.am".',
  },
  HOST_SCRIPT_UNREADABLE: {
    sentence: 'The routing script {file} cannot be read: {reason}.',
    fix: 'Check the path under scripts.extra in the configuration.',
  },
  HOST_SCRIPT_NO_HANDLER: {
    sentence: '{name} to {method}, and no handler belongs to this script',
    fix: 'Answer the message in the script, or name the plugin whose handler takes it; {advice}.',
  },
  HOST_SCRIPT_NAME: {
    sentence: 'A routing script cannot be called {found}.',
    fix: 'Use letters, digits, ".", "_" and "-", at most 64, the first a letter or digit; --name gives another name than the file has.',
  },
  HOST_SCRIPT_NAME_TAKEN: {
    sentence: 'There is a routing application {name} already, and it comes from {origin}.',
    fix: 'Give the script another name with --name; one that is stored already is taken out with: parley script remove {name}',
  },
  HOST_SCRIPT_UNKNOWN: {
    sentence: 'There is no routing application {name}.',
    fix: 'The applications are: {known}{hint}.',
  },
  HOST_SCRIPT_REMOVED: {
    sentence: 'The routing script {name} was removed.',
    fix: 'Bring it back with `parley script rollback {name}`, or drop its versions too with `parley script remove {name} --purge`.',
  },
  HOST_SCRIPT_NOT_STORED: {
    sentence: 'The routing application {name} is not in the store: it comes from {origin}.',
    fix: '{advice}',
  },
  HOST_SCRIPT_PLACE: {
    sentence: '{problem}.',
    fix: 'Give one of --before NAME, --after NAME and --priority NUMBER (0 to 10000); `parley script list` shows the names.',
  },
  HOST_SCRIPT_NO_VERSION: {
    sentence: 'There is no version {wanted} of the routing script {name}.',
    fix: 'Its versions are: {known}.',
  },
  HOST_SCRIPT_NUMBER: {
    sentence: '--{flag} is "{found}".',
    fix: 'Give the number of a version; `parley script show NAME` lists them.',
  },
  HOST_SCRIPT_LIMIT: {
    sentence: 'A stored routing script cannot have {found} {what}; the limit is {limit}.',
    fix: '{advice}',
  },
  HOST_SCRIPT_BUNDLE: {
    sentence: 'What was sent is no routing script: {problem}.',
    fix: 'Use a `parley` of the same version as the server.',
  },
  HOST_SCRIPT_NO_PLUGIN: {
    sentence: 'No loaded plugin {plugin} has a handler that a script could dispatch to.',
    fix: 'Those that have one: {known}{hint}.',
  },
  HOST_SCRIPTS_BEHIND: {
    sentence: 'Routing scripts were changed on another node, and this one cannot run them: {reason}',
    fix: 'It goes on with those it has; bring its plugins and configuration in line with the other nodes, then: parley script reload',
  },
  HOST_CAPTURE: {
    sentence: '{file} is no SIP message: {reason}.',
    fix: 'Put one whole message into the file, from its first line to the end of its body, and nothing else.',
  },
  HOST_TRACE_FILTER: {
    sentence: 'No filter was given: every message of the server would be shown.',
    fix: 'Give --user, --call, --pattern, --method, --from or --to; --pattern "" follows everything.',
  },
  HOST_TRACE_PATTERN: {
    sentence: 'The pattern could keep the server from its work: it is longer than {limit} characters, or repeats what repeats itself.',
    fix: 'Give a shorter or simpler one, such as a part of an address; every text is a pattern.',
  },
  HOST_TRACE_LIMIT: {
    sentence: '{found} traces are being watched already.',
    fix: 'End one of them with Ctrl-C.',
  },
  HOST_TRACE_NUMBER: {
    sentence: '--limit is "{found}".',
    fix: 'Give a number from 1 to 100000.',
  },
  HOST_NO_SCRIPTS: {
    sentence: 'This host runs no routing scripts.',
    fix: 'Start the server with `parley start`.',
  },
  HOST_HANDLER_UNDECIDED: {
    sentence: '{plugin}: {method} has left {request} undecided for {seconds} s, and its sender waits.',
    fix: 'In the plugin, let the method respond, reject, proxy or fork in every case.',
  },
  HOST_SCRIPTS_UNFIT: {
    sentence: 'Routing scripts cannot be loaded:\n{list}',
    fix: 'Mend them at the places above; `parley script check FILE` shows the same without starting a server.',
  },
  HOST_SCRIPT_TWICE: {
    sentence: 'The routing scripts {first} and {second} have the same appUri, {appUri}.',
    fix: 'Give each application an appUri of its own.',
  },
  HOST_SCRIPT_ROLE: {
    sentence: 'The routing script {name} is for servers of the role {roles}; this server is a {role}.',
    fix: 'Take it out of the configuration, or add {role} to its serverFilter.',
  },
  HOST_SCRIPT_BEFORE_USER_SERVICES: {
    sentence: 'The routing script {name} is to run before {userServices}, and its manifest does not ask for that.',
    fix: 'Add the element allowRegistrationBeforeUserServices to it, or give it a place behind {userServices}.',
  },
  HOST_SCRIPT_ORDER: {
    sentence: 'scripts.order names {name}, and there is no such routing application.',
    fix: 'The applications are: {known}.',
  },
  HOST_SCRIPT_TABLE: {
    sentence: 'scripts.tables names {name}, and no script of a plugin has such a table.',
    fix: 'The tables are: {known}.',
  },
});
