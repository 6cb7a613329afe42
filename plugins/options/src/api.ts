/** Nothing: this plugin offers other plugins no service. */
export {};
