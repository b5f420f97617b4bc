export type {
  ConfigDocument,
  ConfigPath,
  ConfigProblem,
  EntrypointConfig,
  GatewayConfig,
  GatewayConfigInput,
  MiddlewareConfig,
  Report,
  RouterConfig,
} from './config.ts'
export type {
  AnyOptions,
  JsonSchema,
  OptionsSchema,
  PropertySchema,
  ReferenceKind,
} from './schema.ts'
