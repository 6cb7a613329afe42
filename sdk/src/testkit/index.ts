/** A server in memory for tests: see README.md beside this file. */
export { TestServer, testServer } from './server.ts';
export type { TestServerOptions, TestUser } from './options.ts';
export { Endpoint } from './agent/endpoint.ts';
export type { EndpointOptions, RequestParts } from './agent/endpoint-options.ts';
export { Call, Subscription } from './agent/call.ts';
export type { ExpectedResponse } from './agent/call.ts';
export { Sent } from './agent/sent.ts';
export { ANSWER, OFFER, Received } from './agent/received.ts';
export type { AnswerParts } from './agent/received.ts';
export type { ExpectedRequest } from './agent/party.ts';
export type { Parts, TestHeaders } from './agent/dialog.ts';
export type { Match, Status } from './agent/match.ts';
export { overloaded } from './overloaded.ts';
export { runScenario } from './scenario/run.ts';
export { recordScenario } from './recorder/record.ts';
export type { RecordOptions } from './recorder/record.ts';
export { wireLog } from './recorder/wire-log.ts';
export { readTrace } from './recorder/conversation-of.ts';
export type { CapturedMessage } from './recorder/conversation-of.ts';
export type { WireMessage } from './conversation.ts';
export { WebClient, basicCredentials } from './web-client.ts';
export type { WebAnswer, WebRequestParts } from './web-client.ts';
export { GIVEN_CERTIFICATE } from './given-certificate.ts';
export { ladder, transcript } from './ladder.ts';
export type { Duration } from './duration.ts';
export type { NetworkFaults } from './network/faults.ts';
export type { VirtualNetwork } from './network/virtual-network.ts';
export type { TestRecords, TestSrv, VirtualDns } from './network/virtual-dns.ts';
export { FakeClock } from '@parley/core';
export { TestBus, testBus } from './parts/test-bus.ts';
export type { Published } from './parts/test-bus.ts';
export { testFlow } from './parts/test-flow.ts';
export type { TestFlow } from './parts/test-flow.ts';
export { testLog } from './parts/test-log.ts';
export type { TestLog, TestLogLine } from './parts/test-log.ts';
export { testRequest, testResponse } from './parts/test-message.ts';
export { TEST_STORES, testStore } from './parts/test-store.ts';
export type { TestStore, TestStoreOptions } from './parts/test-store.ts';
export { DskClient } from './sign-in/tls-dsk-client.ts';
export type { ClientCertificatePair, DskClientTraits } from './sign-in/tls-dsk-client.ts';
export { NtlmClient } from './sign-in/ntlm-client.ts';
export type { NtlmClientOptions } from './sign-in/ntlm-client.ts';
export { KerberosInitiator } from './sign-in/kerberos-initiator.ts';
export {
  KERBEROS_NOW,
  KERBEROS_REALM,
  initiatorMic,
  kerberosService,
  kerberosToken,
  kerberosUser,
  randomKerberosKey,
  spnegoToken,
  testKeytab,
  writeKeytab,
} from './sign-in/kerberos-issuer.ts';
export type { KerberosTokenShape, KeytabLine } from './sign-in/kerberos-issuer.ts';
export { signedFields, signedText } from './sign-in/signed-text.ts';
export type { SignedBy, SignedFields } from './sign-in/signed-text.ts';
export { TestKdc } from './sign-in/kdc.ts';
export { certificationRequest } from './sign-in/enrolment.ts';
export type { SignInMechanism, SignInOptions } from './sign-in/sign-in.ts';
export { TestkitErrors } from './errors.ts';
