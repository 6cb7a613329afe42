/** What a test is told when it goes wrong. */
import { errorTable } from '@parley/core';

/** Errors of the testkit. The conversation so far stands in `transcript` slots, as a ladder. */
export const TestkitErrors = errorTable({
  TESTKIT_UNEXPECTED: {
    sentence: '{who} expected {expected} and {heard}\n\n{ladder}',
    fix: 'See in the ladder what went over the network; `server.transcript()` has every message in full.',
  },
  TESTKIT_NOT_QUIET: {
    sentence: '{who} expected nothing and got {heard}\n\n{ladder}',
    fix: 'See in the ladder what caused it, or expect it.',
  },
  TESTKIT_ANSWERED: {
    sentence: '{who} has already answered the {method} with {status}.',
    fix: 'Answer once; to answer BYE and NOTIFY in the test, make the endpoint with { answers: "nothing" }.',
  },
  TESTKIT_ACK: { sentence: 'An ACK is not answered.', fix: 'Leave the answer out. RFC 3261 section 17.' },
  TESTKIT_NO_ANSWER: {
    sentence: 'No 2xx has come to the {method} of {who}, so there is no dialog to {act} in.',
    fix: 'First expect the 2xx: `await call.expect(200)`.',
  },
  TESTKIT_LEAKS: {
    sentence: 'The server is closed, and something of it goes on:\n{list}',
    fix: 'Cancel timers in `stop()` or by `scope.onClose`, answer every request, and close what was opened.',
  },
  TESTKIT_RESTLESS: {
    sentence: 'The server and its endpoints do not come to rest: {count} things happened at one moment.\n\n{ladder}',
    fix: 'Look for two sides that answer each other for ever.',
  },
  TESTKIT_NO_DIRECTORY: {
    sentence: 'The server has users, and no plugin that keeps them.',
    fix: "Add directory() of '@parley/plugin-directory' to the plugins, or leave the users out.",
  },
  TESTKIT_NO_PASSWORD: {
    sentence: '{who} is to sign in by {mechanism}, and has no password.',
    fix: 'Make the server with an authentication plugin or with { signIn: "real" }, so that its users get passwords, or give one.',
  },
  TESTKIT_DISTRUST: {
    sentence: '{who} does not believe the server: {message} {why}\n\n{ladder}',
    fix: 'See what the server changes after it has signed, or in which association it signs.',
  },
  TESTKIT_NO_COMMAND: { sentence: 'There is no command "{path}".', fix: 'These are known: {known}.' },
  TESTKIT_NO_LISTENER: {
    sentence: '{who} wants to speak {transport}, and the server does not listen there.',
    fix: 'Give the endpoint another transport, or the server a listener: testServer({ listen: [...] }).',
  },
  TESTKIT_DURATION: { sentence: '"{found}" is no duration.', fix: "Write milliseconds as a number, or '200ms', '32s', '5m', '2h'." },
  TESTKIT_RANGE: { sentence: '"{found}" is no {what}.', fix: 'Write {allowed}.' },
  TESTKIT_NAME_TAKEN: { sentence: 'There is an endpoint "{name}" already.', fix: 'Give the second one another name: { user: "{name}" }.' },
  TESTKIT_SCENARIO_SYNTAX: {
    sentence: 'Line {line} of the scenario: {problem}: {text}',
    fix: 'See the README of the testkit for what may stand there.',
  },
  TESTKIT_SCENARIO_STEP: {
    sentence: 'Line {line} of the scenario: {problem}\n\n{ladder}',
    fix: 'Correct the scenario, or what it has found.',
  },
  TESTKIT_TRACE: {
    sentence: 'Line {line} of the trace: {problem}.',
    fix: 'Give JSON lines with from, to and message, or literal messages below >>> NAME and <<< NAME.',
  },
});
