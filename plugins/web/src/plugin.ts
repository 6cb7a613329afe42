import { definePlugin, provide } from '@parley/sdk';
import { KerberosAcceptor } from '@parley/plugin-auth-kerberos/api';
import { NtlmAcceptor } from '@parley/plugin-auth-ntlm/api';
import { Directory, SignInAttempts } from '@parley/plugin-directory/api';
import { Pki } from '@parley/plugin-pki/api';
import { Web } from './api.ts';
import { WebConfig } from './config.ts';
import { WebHost } from './web-host.ts';

export default definePlugin({
  name: 'web',
  summary: 'The HTTPS host of all web services, with Windows authentication',
  config: WebConfig,
  requires: [Pki, Directory, SignInAttempts],
  optional: [NtlmAcceptor, KerberosAcceptor],
  provides: [provide(Web, WebHost)],
  root: new URL('..', import.meta.url),
  setup(scope) {
    const host = scope.resolve(WebHost);
    scope.health('listening', () => host.health());
    scope.metric({
      name: 'parley_web_responses_total',
      help: 'Responses of web services by class of status',
      type: 'counter',
      labels: ['status'],
      collect: () => host.traffic.responseSamples(),
    });
    scope.metric({
      name: 'parley_web_authentications_total',
      help: 'Requests that came to authentication of web services, by what became of them',
      type: 'counter',
      labels: ['outcome'],
      collect: () => host.traffic.outcomeSamples(),
    });
    scope.metric({
      name: 'parley_web_connections',
      help: 'Open connections to web services',
      type: 'gauge',
      collect: () => host.connections,
    });
  },
});
