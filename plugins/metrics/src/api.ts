/** Nothing: plugins report metrics and health by `scope.metric` and `scope.health` of the SDK. */
export {};
