/** Error codes of the transport floor. */
import { errorTable } from '../errors/index.ts';

/** Errors of listeners, connections and the way to other servers. */
export const TransportErrors = errorTable({
  TRANSPORT_ADDRESS_IN_USE: {
    sentence: '{transport} {address} cannot be bound: another program listens there.',
    fix: 'See which with `ss -lntup sport = :{port}` (another Parley, Kamailio, Asterisk ...), stop it, or give this listener another port.',
  },
  TRANSPORT_PORT_FORBIDDEN: {
    sentence: '{transport} {address} cannot be bound: this user may not open the port.',
    fix: 'Ports below 1024 need the right CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE) or a port above 1023.',
  },
  TRANSPORT_ADDRESS_UNAVAILABLE: {
    sentence: '{transport} {address} cannot be bound: no interface of this machine has that address.',
    fix: 'Give an address that `ip address` shows, or 0.0.0.0 or :: for all; behind NAT put the outside address into `advertise`.',
  },
  TRANSPORT_LISTEN_FAILED: {
    sentence: '{transport} {address} cannot be bound: {reason}.',
    fix: 'Check host and port of this listener.',
  },
  TRANSPORT_ADVERTISE: {
    sentence: 'advertise is "{advertise}", which is no host name or address with an optional port.',
    fix: 'Write a name or address, such as uc.example.com, 192.0.2.10:5061 or [2001:db8::10].',
  },
  TRANSPORT_TLS_SETTINGS: {
    sentence: 'The TLS settings cannot be used: {reason}.',
    fix: 'Give a PEM certificate chain, the private key that belongs to it and, if the key is encrypted, its passphrase.',
  },
  TRANSPORT_NOT_TLS: {
    sentence: 'TLS settings were given to a {transport} listener.',
    fix: 'Give them to a TLS or WSS listener.',
  },
  TRANSPORT_CONNECT_FAILED: {
    sentence: 'No connection to {destination}: {reason}.',
    fix: 'Check that the peer listens there and that no firewall stands between.',
    status: 503,
  },
  TRANSPORT_CONNECT_TIMEOUT: {
    sentence: 'No connection to {destination} within {ms} ms.',
    fix: 'Check that the peer runs and that no firewall drops the packets.',
    status: 503,
  },
  TRANSPORT_TLS_UNVERIFIED: {
    sentence: 'The certificate that {destination} shows is not accepted for {serverName}: {reason}.',
    fix: 'The peer needs a certificate for that name from an authority that the system trusts, or add its authority to the configured `ca`.',
    status: 503,
  },
  TRANSPORT_UNSUPPORTED: {
    sentence: 'Nothing can be sent to {destination}: {reason}.',
    fix: 'Add a listener of that transport and address family, or reach the peer by another transport.',
    status: 503,
  },
  TRANSPORT_FLOW_GONE: {
    sentence: 'The connection that the request came on is closed, and its sender is a client that only it can reach.',
    fix: 'Nothing to do: the client connects again and registers anew.',
    status: 503,
  },
  TRANSPORT_CLOSED: {
    sentence: 'The transport layer is closing.',
    fix: 'Send the request again to another server, or when this one is back.',
    status: 503,
  },
  TRANSPORT_URI_UNROUTABLE: {
    sentence: 'A {scheme} URI names no place to send a request to.',
    fix: 'Turn it into a sip or sips URI by a routing script before it is sent on.',
    status: 416,
  },
  TRANSPORT_URI_TRANSPORT: {
    sentence: 'The URI asks for transport {transport}, which cannot be used for a {scheme} URI here.',
    fix: 'Use udp, tcp or tls (sips: tcp or tls).',
    status: 400,
  },
  TRANSPORT_DNS_NOT_FOUND: {
    sentence: 'The name {name} has no address in the DNS.',
    fix: 'Check the spelling, and that its NAPTR, SRV or A/AAAA records are published where this server asks.',
    status: 504,
  },
  TRANSPORT_DNS_FAILED: {
    sentence: 'The DNS gave no answer for {name}: {reason}.',
    fix: 'Check the name servers that this machine uses.',
    status: 504,
  },
  TRANSPORT_DNS_BUSY: {
    sentence: 'Too many names are being looked up at once ({pending}).',
    fix: 'Try again later; check the name servers when it stays so.',
    status: 503,
  },
});
