# Timelines of single requests, in a field that the developer tools of browsers draw.
#
#   bin/gatewright -c examples/timeline/gateway.hcl
#   curl -sD- -o/dev/null -H 'x-gatewright-trace: 1' http://127.0.0.1:8080/

# Whoever else asks is told nothing.
debug {
  allow = [env("DEVELOPERS", "127.0.0.1")]
}

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

routers "shop" {
  rule        = "PathPrefix(`/`)"
  service     = "shop"
  middlewares = ["headers", "again"]
}

middlewares "headers" {
  type = "headers"
  response_headers = {
    "x-shop" = "1"
  }
}

# Each try has entries of its own.
middlewares "again" {
  type = "retry"
}

services "shop" {
  load_balancer {
    servers = [{ url = env("SHOP_URL", "http://127.0.0.1:9001") }]
  }
}
