/** The server that `npm start` runs: Communicator and Lync clients, and plain SIP clients, on this machine's usual ports. */
import authDigest from '@parley/plugin-auth-digest';
import authNtlm from '@parley/plugin-auth-ntlm';
import autodiscover from '@parley/plugin-autodiscover';
import contacts from '@parley/plugin-contacts';
import diagnostics from '@parley/plugin-diagnostics';
import directory from '@parley/plugin-directory';
import metrics from '@parley/plugin-metrics';
import options from '@parley/plugin-options';
import pki from '@parley/plugin-pki';
import presence from '@parley/plugin-presence';
import provisioning from '@parley/plugin-provisioning';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import web from '@parley/plugin-web';
import webTicket from '@parley/plugin-web-ticket';
import { defineServer } from '@parley/sdk';

export default defineServer({
  domains: ['parley.localhost'],
  // Without auth-tls-dsk: clients prefer certificates, and fetch them from a name that they have to resolve. `parley init --lync` adds it.
  plugins: [
    pki(),
    directory(),
    authDigest(),
    authNtlm(),
    web(),
    webTicket(),
    autodiscover(),
    registrar(),
    provisioning(),
    contacts(),
    presence(),
    routing(),
    diagnostics(),
    options(),
    metrics(),
  ],
});
