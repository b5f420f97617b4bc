import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `grpc-web` says: nothing so far. */
export type GrpcWebOptions = Readonly<Record<never, never>>

/** Checks a block of type `grpc-web`. */
export const schema: OptionsSchema<GrpcWebOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
  'x-gatewright-examples': [
    {
      title: 'Browsers of one site may call, and read how calls ended',
      hcl: `middlewares "browsers" {
  type            = "cors"
  allowed_origins = ["https://shop.example"]
  allowed_methods = ["POST"]
  allowed_headers = ["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"]
  exposed_headers = ["grpc-status", "grpc-message", "grpc-status-details-bin"]
}

middlewares "web" {
  type = "grpc-web"
}
`,
    },
  ],
}
