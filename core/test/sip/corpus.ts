/** Messages of our own that the fuzz tests start from: one of each kind that real clients and proxies send. */
import { wire } from './samples.ts';

const SDP =
  'v=0\r\no=- 3831 3831 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n';

export const corpus: readonly Buffer[] = [
  wire(
    [
      'INVITE sip:bob@example.com;transport=tcp SIP/2.0',
      'Via: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK74bf9;rport, SIP/2.0/UDP [2001:db8::9:1];received=192.0.2.9',
      'Max-Forwards: 70',
      'From: "Alice \\"A\\" L" <sip:alice@example.com>;tag=9fxced76sl;epid=a1b2c3d4e5',
      'To: <sip:bob@example.com>',
      'Call-ID: 3848276298220188511@atlanta.example.com',
      'CSeq: 21 INVITE',
      'Contact: <sip:192.0.2.50:50123;transport=tls;ms-opaque=d3470f2e1d>;proxy=replace;+sip.instance="<urn:uuid:2f7e7723-96e4-544e-8b98-cf482b8cefb8>"',
      'Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>',
      'Record-Route: <sip:pool.example.com:5061;transport=tls;opaque=state:F:Ci.R1fd200;lr>;tag=0C757E5C',
      'Supported: timer, 100rel, histinfo',
      'Authorization: Digest username="alice", realm="example.com", nonce="84a4", uri="sip:bob@example.com", response="7587"',
      'Content-Type: application/sdp',
      `Content-Length: ${SDP.length}`,
    ],
    SDP,
  ),
  wire([
    'REGISTER sip:example.com SIP/2.0',
    'v: SIP/2.0/TCP 192.0.2.50:50123',
    'f: <sip:alice@example.com>;tag=11112222;epid=a1b2c3d4e5f6',
    't: sip:alice@example.com',
    'i: 0123g4567aTESTx',
    'CSeq: 3 REGISTER',
    'm: *',
    'Expires: 0',
    'ms-keep-alive: UAC;hop-hop=yes',
    'l: 0',
  ]),
  wire([
    'SIP/2.0 180 Ringing',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;received=192.0.2.7;rport=5070',
    'From: Alice Liddell <sip:alice@example.com>;tag=1',
    'To: sip:bob@example.com;tag=2',
    'Call-ID: x',
    'CSeq: 1 INVITE',
    'Contact: "Bob (work)" <sip:bob@[2001:db8::1]:5080>;q=0.7, <tel:+12015550123;ext=5>;expires=3600',
    'Warning: 399 example.com "say \\"what\\", please"',
    'Subject: folded',
    ' over \xc3\xbc two lines',
    'Content-Length: 0',
  ]),
  wire(
    [
      'MESSAGE tel:+1-201-555-0123;phone-context=example.com SIP/2.0',
      'Via  : SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1',
      'Max-Forwards: 0',
      'From: <sips:%61lice;day=tuesday:pw@atlanta.example.com:5061;lr?Subject=x&y=z>;tag=a',
      'To: <urn:service:sos>',
      'Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      'CSeq: 4294967295 MESSAGE',
      'Event: presence;id=7',
      'Subscription-State: active ;expires=60',
      'Content-Type: text/plain;charset=UTF-8',
      'Content-Length: 5',
    ],
    'hello',
  ),
];
