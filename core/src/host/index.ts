export { token, provide } from './token.ts';
export type { Class, Provided, Token } from './token.ts';
export { inject, injectable } from './injection.ts';
export type { InjectOptions } from './injection.ts';
export { definePlugin } from './plugin.ts';
export type { CheckedSpec, PluginDefinition, PluginSpec, PluginUse, ScriptEntry } from './plugin.ts';
export type { Lifecycle } from './lifecycle.ts';
export type { PluginScope } from './scope.ts';
export { ADMIT, PASS } from './gate.ts';
export type { Challenger, Gate, GateHeaders, GateVerdict } from './gate.ts';
export type { AdminCommand, CommandArgument, CommandColumn, CommandInput, CommandOption, CommandResult } from './command.ts';
export type { HealthCheck, HealthEntry, HealthReport, HealthResult, HealthState, Metric, MetricFamily, MetricSample } from './telemetry.ts';
export type { CertificateMaterial, CertificateSource } from './certificates.ts';
export type { EndpointSource, RegisteredEndpoint } from './endpoints.ts';
export { ServerDialogs } from './dialogs.ts';
export type { DialogSurroundings, DispatchedRequest, SubscriptionOptions } from './dialogs.ts';
export { EventPackageList } from './event-packages.ts';
export type { LogMethod } from './log.ts';
export {
  Bus,
  Clock,
  Dialogs,
  Endpoints,
  EventPackages,
  Log,
  PluginConfig,
  Scope,
  Server,
  Store,
  Telemetry,
  Transactions,
  Transport,
} from './core-tokens.ts';
export { Applications } from './applications.ts';
export type { AttachedApplication, Attachment } from './applications.ts';
export type { ClusterTypeName, ScriptAnswers, UserOptionName } from './script-answers.ts';
export type { ScriptBundle, SentBundle, StoredTable } from './stored-script.ts';
export type { TraceRow } from './live-trace.ts';
export { readCapture } from './captured-message.ts';
export { tryScript } from './script-trial.ts';
export type { Trial, TrialEndpoint, TrialOptions, TrialWorld } from './script-trial.ts';
export { packScript } from './script-bundle.ts';
export { installedHandlers, owningHandler, pluginHandler } from './plugin-handlers.ts';
export type { HandlerOfPlugin } from './plugin-handlers.ts';
export { defineServer } from './define-server.ts';
export type { ConfiguredPlugin, NamedPlugin, PluginList, ServerConfig, ServerInput } from './define-server.ts';
export { ServerSchema } from './server-schema.ts';
export type { ListenSettings, LogSettings, ServerSettings, ServerSettingsInput, StoreSettings } from './server-schema.ts';
export { checkConfig } from './check-config.ts';
export type { CheckOptions } from './check-config.ts';
export { CONFIG_FILES, findConfig, loadConfig } from './config-file.ts';
export { InvalidConfig, faultText } from './config-faults.ts';
export type { Fault } from './config-faults.ts';
export { ENVIRONMENT, unknownVariables } from './environment.ts';
export type { EnvironmentVariable } from './environment.ts';
export { loadPlugin } from './plugin-source.ts';
export { installedPlugins, pluginNameOf } from './installed-plugins.ts';
export type { InstalledPlugin } from './installed-plugins.ts';
export { VERSION, bootHost } from './boot.ts';
export type { BootOptions } from './boot.ts';
export type { BootNode } from './boot-graph.ts';
export { coreService } from './core-services.ts';
export type { CoreService, HostCore } from './core-services.ts';
export { Host } from './host.ts';
export type { HostState, PluginStatus, ServerReports } from './host.ts';
export type { PluginState } from './running-plugin.ts';
export { ExtensionList, Extensions } from './extensions.ts';
export type { NamedHealthCheck, PluginScript, Registered, ScopedCommand } from './extensions.ts';
export { PluginFaults } from './plugin-faults.ts';
export { openLog, SILENT } from './logger.ts';
export type { Logger, LoggerOptions } from './logger.ts';
export { redactText } from './redaction.ts';
export { BUILTIN_COMMANDS } from './builtin-commands.ts';
export { optionKey, runCommand, takesValue } from './run-command.ts';
export type { RawInput, RunContext } from './run-command.ts';
export { rehearseStart } from './rehearsal.ts';
export type { Refusal } from './rehearsal.ts';
export { startOffline, startServer } from './server.ts';
export type { StartOptions } from './server.ts';
export { ControlServer } from './control-server.ts';
export { ControlClient } from './control-client.ts';
export { controlPath } from './control-protocol.ts';
export { installSignals } from './signals.ts';
export type { SignalProcess } from './signals.ts';
export { ConfigErrors, ControlErrors, HostErrors } from './errors.ts';
