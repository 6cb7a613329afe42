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
    fix: 'Its errors are in the log above this line; mend the script and restart the server.',
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
  HOST_SCRIPT_UNREADABLE: {
    sentence: 'The routing script {file} cannot be read: {reason}.',
    fix: 'Check the path under scripts.extra in the configuration.',
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
    fix: 'Add the element allowRegistrationBeforeUserServices to it, or put it behind {userServices} in scripts.order.',
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
