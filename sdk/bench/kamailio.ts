/**
 * Kamailio from Debian as the anchor: one worker, registrations in memory, no authentication, no log. Every request gets a
 * transaction, REGISTER too, as in the server it is compared with: a retransmission is absorbed, not worked on again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, installed, startServer } from './process.ts';
import type { StartOptions, Subject } from './subject.ts';

const MODULES = [
  '/usr/lib/x86_64-linux-gnu/kamailio/modules',
  '/usr/lib/aarch64-linux-gnu/kamailio/modules',
  '/usr/lib64/kamailio/modules',
];
/** Fair to a server with one UDP socket: 4 MiB, as far as net.core.rmem_max lets it. */
const UDP_RECEIVE_BUFFER = 4 << 20;

/** Kamailio with one UDP worker and one TCP/TLS worker. */
export const kamailio: Subject = {
  name: 'Kamailio',

  unavailable() {
    if (!installed('kamailio')) return 'Kamailio is not installed: apt-get install --no-install-recommends kamailio kamailio-tls-modules';
    const modules = modulePath();
    if (modules === undefined || !existsSync(join(modules, 'tls.so'))) {
      return 'Kamailio has no TLS module: apt-get install --no-install-recommends kamailio-tls-modules';
    }
    return undefined;
  },

  version() {
    return /^version: kamailio (\S+)/m.exec(execFileSync('kamailio', ['-v'], { encoding: 'latin1' }))?.[1] ?? 'unknown';
  },

  async start(options) {
    const port = await freePort();
    const tlsPort = await freePort();
    const file = join(options.folder, 'kamailio.cfg');
    writeFileSync(file, configuration(options, port, tlsPort));
    const control = join(options.folder, 'ctl');
    const server = await startServer(
      'kamailio',
      // 1 GiB of shared memory: 120,000 contacts and 5,500 TLS connections must fit. Pages count once they are touched.
      ['-f', file, '-DD', '-E', '-m', '1024', '-M', '64', '-P', join(options.folder, 'pid'), '-Y', options.folder],
      { core: options.core, cwd: options.folder, ready: () => existsSync(control) },
    );
    return { ...server, ports: { udp: port, tcp: port, tls: tlsPort } };
  },
};

function modulePath(): string | undefined {
  return MODULES.find((path) => existsSync(path));
}

function configuration(options: StartOptions, port: number, tlsPort: number): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="${options.domain}"
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
listen=tls:127.0.0.1:${tlsPort}
enable_tls=yes
maxbuffer=${UDP_RECEIVE_BUFFER}
tcp_max_connections=20000
tls_max_connections=20000
tcp_connection_lifetime=3605
tcp_rd_buf_size=65536
mpath="${modulePath() ?? ''}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "tls.so"
loadmodule "ctl.so"
modparam("ctl", "binrpc", "unix:${join(options.folder, 'ctl')}")
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_contacts", 10)
modparam("registrar", "max_expires", 7200)
modparam("tls", "certificate", "${options.certificate.certFile}")
modparam("tls", "private_key", "${options.certificate.keyFile}")
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "verify_certificate", 0)
modparam("tls", "require_certificate", 0)

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (has_totag()) {
    if (loose_route()) {
      if (!t_relay()) sl_reply_error();
      exit;
    }
    if (is_method("ACK")) {
      if (t_check_trans()) t_relay();
      exit;
    }
    sl_send_reply("404", "Not Found");
    exit;
  }
  t_check_trans();
  if (is_method("REGISTER")) {
    t_newtran();
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  if (!t_relay()) sl_reply_error();
}
`;
}
