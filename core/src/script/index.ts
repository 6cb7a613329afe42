/** MSPL: manifests and scripts into applications, and the chain that runs them. */
export { compileApplication } from './application.ts';
export type { CompiledApplication, CompileOptions, CompileResult, DispatchTarget } from './application.ts';
export { formatDiagnostic } from './diagnostic.ts';
export type { Diagnostic } from './diagnostic.ts';
export { checkBareScript, declaredTables, manifestTokens, scriptTokens } from './editing.ts';
export { KEYWORDS as SCRIPT_KEYWORDS } from './lexer.ts';
export type { Token as ScriptToken, TokenKind as ScriptTokenKind } from './lexer.ts';
export { MANIFEST_ELEMENTS } from './manifest-docs.ts';
export type { ManifestAttributeDoc, ManifestElementDoc } from './manifest-docs.ts';
export { MANIFEST_LIMIT } from './manifest-xml.ts';
export { hint, nearestName, suggestedName } from './nearest-name.ts';
export type { SourcePlace, Span as TextSpan } from './source-text.ts';
export { FILTER_METHODS, Manifest } from './manifest.ts';
export type { FlatFileDeclaration, ManifestData, ManifestEdition, ServerRoleName } from './manifest.ts';
export { FILE_SYSTEM } from './flat-file.ts';
export type { FileSource } from './flat-file.ts';
export { logEntry } from './log-entry.ts';
export { BUILTINS, NEVER_THERE, WITHDRAWN, argumentRange, isRest, signature } from './builtins.ts';
export type { ArgumentKind, Builtin, BuiltinParameter } from './builtins.ts';
export type { BuiltinDoc, BuiltinError } from './builtin-docs.ts';
export { ENUMERATIONS, STANDARD_METHOD, USER_OPTION } from './enumerations.ts';
export type { Enumeration } from './enumerations.ts';
export { BUILTIN_VARIABLES, CLASSES, ENDPOINT_VARIABLE } from './object-classes.ts';
export type { BuiltinVariable, Field as ClassField } from './object-classes.ts';
export { CLASS_DOCS } from './object-docs.ts';
export { describeType } from './types.ts';
export type { ClassName, Type as ScriptType } from './types.ts';
export type {
  ExternalSource,
  LogChannel,
  RunOutcome,
  ScriptActions,
  ScriptEndpoint,
  ScriptEnvironment,
  ScriptFault,
  ScriptRun,
  ScriptStamps,
  ScriptTrace,
  ScriptValue,
  SourceInfo,
  TargetInfo,
} from './run.ts';
export { ApplicationChain } from './chain.ts';
export type { ChainReports } from './chain.ts';
export type { ChainedApplication, HandlerMethods } from './chain-index.ts';
export { CRITICAL_ERROR_LIMIT } from './critical-errors.ts';
export { ResponseEvent } from './chain-response.ts';
export type { ApplicationStamp } from './request-stamps.ts';
export { PATIENCE_MS, RequestContext, warningValue } from './request-context.ts';
export type { AnswerHeaders, AnswerOptions, ForkTarget, RequestEnd } from './request-context.ts';
export { MessageTrace } from './chain-trace.ts';
export type { ChainTracer } from './chain-trace.ts';
export type { TraceOptions } from './traced-lines.ts';
export type {
  AnsweredEvent,
  LineEvent,
  MessageChange,
  MessageEvent,
  OutcomeEvent,
  SentEvent,
  SkippedEvent,
  TraceEvent,
  TracedValue,
} from './trace-event.ts';
