# A gateway whose requests stand in traces.
#
#   bin/gatewright -c examples/tracing/gateway.hcl

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

tracing {
  otlp_endpoint   = env("COLLECTOR_URL", "http://127.0.0.1:4318")
  service_name    = "edge"
  detail          = "full"
  response_header = "x-trace-id"

  # So that one need not wait to see something. In earnest, leave it at five seconds.
  batch_delay = env("BATCH_DELAY", "500ms")
}

routers "shop" {
  rule        = "PathPrefix(`/`)"
  middlewares = ["key", "again"]
  service     = "shop"
}

middlewares "key" {
  type = "api-key"
  keys = ["let-me-in"]
}

middlewares "again" {
  type              = "retry"
  max_retries       = 2
  retry_interval_ms = 10
  retry_status      = [503]
}

services "shop" {
  load_balancer {
    servers = [{ url = env("SHOP_URL", "http://127.0.0.1:9001") }]
  }
}
