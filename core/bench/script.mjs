/**
 * What a routing script costs a message on one core. Build first, then pin it:
 *   npx tsc -b core && taskset -c 0 node_modules/.bin/node core/bench/script.mjs [messages a case]
 * Every run gets a message of its own, parsed and checked as on receipt, outside the measured CPU time.
 */
import { DEFAULT_LIMITS, checkRequest, parseMessage } from '../dist/sip/index.js';
import { compileApplication } from '../dist/script/index.js';
import { INVITE, manifest, scriptEnvironment } from './script-bed.mjs';

const MESSAGES = Number(process.argv[2] ?? 300_000);
const BATCH = 50;
const WARM_UP = 200;

const TWENTY_LINES = `
    if (!sipRequest) { return; }
    from = GetUserAtHost(sipRequest.From);
    to = GetUserAtHost(sipRequest.To);
    verdict = acl[from].action;
    if (verdict == "deny") {
      Respond(403, "Forbidden", "Reason=SIP;cause=403");
      return;
    }
    epid = GetParameterValue(sipRequest.From, "epid");
    best = "";
    foreach (dbEndpoint in QueryEndpoints(to)) {
      if (SupportsMethod(sipRequest.Method, dbEndpoint.StandardMethods, dbEndpoint.ExtraMethods)) {
        if (epid == null || dbEndpoint.EPID != epid) {
          best = dbEndpoint.ContactInfo;
          break;
        }
      }
    }
    if (best != "") { ProxyRequest(best); }
    else { Respond(480, "Temporarily Unavailable"); }
`;

const SCRIPTS = {
  'empty script': '',
  'uninterested script': 'if (sipRequest.StandardMethod == StandardMethod.Message) { Respond(403, "Forbidden"); }',
  '20-line routing script': TWENTY_LINES,
};

const ENDPOINTS = [
  { epid: 'e1', instance: null, standardMethods: 0x100, extraMethods: '', contactInfo: 'sip:192.0.2.7:5061;transport=tls;ms-opaque=x' },
  { epid: 'e2', instance: null, standardMethods: 0x150, extraMethods: '', contactInfo: 'sip:192.0.2.8:5061;transport=tls;ms-opaque=y' },
];

const environment = scriptEnvironment(ENDPOINTS);
let proxied = 0;
const actions = {
  respond: () => true,
  proxyRequest: () => proxied++,
  retarget: () => {},
  fork: () => {},
  proxyResponse: () => {},
  dispatch: () => true,
  notify: () => true,
  setRequestUri: () => {},
};

class Run {
  response = undefined;
  sourceFlow = undefined;
  identity = undefined;
  fixedRoute = false;
  actions = actions;
  environment = environment;

  constructor(request) {
    this.request = request;
    this.original = request;
  }
}

const ACL = `<m:file name="acl" path="acl.csv" keyColumnName="user" static="true"><m:column name="user"/><m:column name="action"/></m:file>
    <m:scriptOnly/>`;

function compile(script) {
  const result = compileApplication(manifest('bench', script, ACL), 'bench.am', {
    files: { read: () => 'mallory@example.com,deny\n', watch: () => () => {} },
  });
  if (!result.ok) throw new Error(result.diagnostics[0].message);
  return result.application;
}

/** Microseconds of this thread: other processes on the core do not count. */
function cpuTime() {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function freshRuns() {
  return Array.from({ length: BATCH }, () => {
    const { message } = parseMessage(Buffer.from(INVITE), DEFAULT_LIMITS);
    if (checkRequest(message) !== undefined) throw new Error('the request is refused');
    return new Run(message);
  });
}

for (const [name, script] of Object.entries(SCRIPTS)) {
  const application = compile(script);
  let spent = 0;
  let runs = 0;
  for (let round = 0; round < WARM_UP || runs < MESSAGES; round++) {
    const batch = freshRuns();
    const start = cpuTime();
    for (const run of batch) application.run(run);
    const end = cpuTime();
    // The first rounds warm the compiler up.
    if (round < WARM_UP) continue;
    spent += end - start;
    runs += BATCH;
  }
  console.log(`${name.padEnd(24)} ${(spent / runs).toFixed(3)} us a message (${runs} messages)`);
}
const start = cpuTime();
const COMPILES = 200;
for (let i = 0; i < COMPILES; i++) compile(TWENTY_LINES);
console.log(`${'compiling it'.padEnd(24)} ${((cpuTime() - start) / COMPILES).toFixed(0)} us`);
if (proxied === 0) throw new Error('the routing script routed nothing');
