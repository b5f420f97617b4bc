import type { Dialer, UpstreamOrigin, UpstreamSettings } from '@gatewright/http1'

/** How one server is treated, and which one it is. */
export interface Http2Settings extends UpstreamSettings {
  readonly origin: UpstreamOrigin
  readonly dialer: Dialer
}
