/** What plugins tell routing scripts of users and senders. */
import { expect, test } from 'vitest';
import { EndpointSources } from '../../src/host/endpoints.ts';
import { ExtensionList } from '../../src/host/extensions.ts';
import { AskPlugins } from '../../src/host/script-answers.ts';
import type { ScriptAnswers } from '../../src/host/script-answers.ts';
import { ServerScriptEnvironment } from '../../src/host/script-environment.ts';
import type { Log } from '../../src/host/log.ts';
import { ChainWorld, QUIET, app } from '../script/chain-world.ts';
import { request } from '../support/sip-text.ts';

/** For plugins that throw nothing. */
const failed = (_plugin: string, _where: string, error: unknown): never => {
  throw error;
};

/** What a script on a server with these plugins puts into the header X. */
function answered(expression: string, ...plugins: readonly ScriptAnswers[]): string | undefined {
  return answeredWith(new EndpointSources(), expression, plugins);
}

function answeredWith(endpoints: EndpointSources, expression: string, plugins: readonly ScriptAnswers[] = []): string | undefined {
  const list = new ExtensionList<ScriptAnswers>();
  plugins.forEach((answers, index) => list.add(`plugin${index}`, answers));
  const server = { fqdn: 'fe1.example.com', isLocalDomain: () => true };
  const world = new ChainWorld(app('asks', `AddHeader("X", Concatenate("", ${expression}));`, { filters: QUIET }));
  const environment = new ServerScriptEnvironment(server, () => false, endpoints, {} as Log, new AskPlugins(list, failed));
  Object.assign(world.chain, { environment });
  world.send(request('INVITE'));
  return world.forwarded[0]?.request.first('X');
}

const CHECK = 'CheckUserOption("alice@example.com", UserOption.UcEnabled)';

test('an option that no plugin knows of is not set', () => {
  expect([answered(CHECK), answered(CHECK, {}, { userOption: () => undefined })]).toEqual(['false', 'false']);
});

test('a plugin that throws when it is asked is named, and nobody answers in its place', () => {
  const told: string[] = [];
  const list = new ExtensionList<ScriptAnswers>();
  const broken = (): never => {
    throw new Error('no memory');
  };
  list.add('billing', { userOption: broken });
  list.add('directory', { userOption: () => true });
  const ask = new AskPlugins(list, (plugin, where, error) => void told.push(`${plugin}, ${where}: ${(error as Error).message}`));
  expect(() => ask.userOption('alice@example.com', 'UcEnabled', false)).toThrow('no memory');
  expect(told).toEqual(['billing, userOption for a routing script: no memory']);
});

test('the first plugin that knows of an option answers', () => {
  const asked: unknown[] = [];
  const first: ScriptAnswers = { userOption: (...question) => (asked.push(question), undefined) };
  expect(answered(CHECK, first, { userOption: () => true }, { userOption: () => false })).toBe('true');
  expect(asked).toEqual([['alice@example.com', 'UcEnabled', false]]);
  expect(answered('CheckUserOption("+4930", UserOption.NoAudioVideo, true)', { userOption: (_key, _option, isPhone) => isPhone })).toBe(
    'true',
  );
});

test('MSPL R29: who homes a user is asked of the plugins first; for nobody they know it is null', () => {
  const homes: ScriptAnswers = {
    homeServer: (key, _isPhone, cluster) => (key === 'bob@example.com' ? `${cluster}.example.com` : undefined),
  };
  expect(answered('QueryHomeServer("bob@example.com")', homes)).toBe('UserServices.example.com');
  expect(answered('QueryHomeServer("bob@example.com", false, ClusterType.BackupRegistrar)', homes)).toBe('BackupRegistrar.example.com');
  expect(answered('QueryHomeServer("nobody@example.com") == null', homes)).toBe('true');
});

test.each(['AutoFed', 'DirectPartner', 'InternetUser'])('MSPL R57: an edge plugin says that a sender is %s', (externalType) => {
  const edge: ScriptAnswers = { source: () => ({ origin: 'NetworkExternal', externalType, externalNetwork: 'Federation' }) };
  expect(answered(`sipMessage.ExternalSourceType == ExternalSourceType.${externalType}`, edge)).toBe('true');
  expect(answered('sipMessage.Origin', edge)).toBe('NetworkExternal');
  expect(answered('sipMessage.ExternalSourceNetwork', edge)).toBe('Federation');
});

test('MSPL R57: inside, the type of a sender is Unknown', () => {
  expect([answered('sipMessage.ExternalSourceType'), answered('sipMessage.Origin')]).toEqual(['Unknown', 'NetworkUnknown']);
});

test('MSPL R56: DomainSupported("") is true while somebody keeps registrations', () => {
  const endpoints = new EndpointSources();
  expect(answeredWith(endpoints, 'DomainSupported("")')).toBe('false');
  const remove = endpoints.add({ endpoints: () => [] });
  expect(answeredWith(endpoints, 'DomainSupported("")')).toBe('true');
  remove();
  expect(answeredWith(endpoints, 'DomainSupported("")')).toBe('false');
});

test('MSPL R56: a phone number is recognised in a Request-URI with user=phone, and nowhere else', () => {
  const world = new ChainWorld(app('asks', 'AddHeader("X", RequestTarget.IsPhone);', { filters: QUIET }));
  for (const uri of [
    'sip:+14255550100@example.com;user=phone',
    'tel:+14255550100',
    'sip:+14255550100@example.com',
    'sip:bob@example.com;user=phone',
  ]) {
    world.send(request('INVITE', { uri }));
  }
  expect(world.forwarded.map((leg) => leg.request.first('X'))).toEqual(['true', 'true', 'false', 'false']);
});
