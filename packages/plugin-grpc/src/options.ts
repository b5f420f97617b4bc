import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `grpc-web` says: nothing so far. */
export type GrpcWebOptions = object

/** Checks a block of type `grpc-web`. */
export const schema: OptionsSchema<GrpcWebOptions> = {
  type: 'object',
  description: 'Lets browsers call servers of gRPC: translates between gRPC-Web and gRPC',
  additionalProperties: false,
  properties: {},
  'x-gatewright-examples': [
    {
      title: 'In front of servers of gRPC; it has no options',
      hcl: 'middlewares "web" {\n  type = "grpc-web"\n}\n',
    },
  ],
}
