/** The server that `npm start` runs: plain SIP with accounts, on this machine's usual ports. */
import authDigest from '@parley/plugin-auth-digest';
import directory from '@parley/plugin-directory';
import metrics from '@parley/plugin-metrics';
import options from '@parley/plugin-options';
import pki from '@parley/plugin-pki';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { defineServer } from '@parley/sdk';

export default defineServer({
  domains: ['parley.localhost'],
  plugins: [pki(), directory(), authDigest(), registrar(), routing(), options(), metrics()],
});
