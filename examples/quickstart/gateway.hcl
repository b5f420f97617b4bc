# One listener, two routers, one service with two servers.
#
#   npm start                                            brings two demo servers along
#   bin/gatewright -c examples/quickstart/gateway.hcl    expects servers on ports 8001 and 8002

# Changes of this file count as soon as they are saved.
providers {
  file {}
}

entrypoints "web" {
  address = "127.0.0.1:8080"
}

# GET /api/hello reaches a server as GET /hello, and is sent again if that server fails.
routers "api" {
  rule        = "PathPrefix(`/api`)"
  service     = "demo"
  middlewares = ["without-api", "again"]
}

# Everything else goes there as it is. The longer rule is tried first.
routers "rest" {
  rule    = "PathPrefix(`/`)"
  service = "demo"
}

middlewares "without-api" {
  type     = "strip-prefix"
  prefixes = ["/api"]
}

middlewares "again" {
  type        = "retry"
  max_retries = 2
}

# The servers take turns. Each comes from an environment variable or, without it, from its default.
services "demo" {
  load_balancer {
    strategy = "round-robin"
    servers = [
      { url = env("DEMO_A", "http://127.0.0.1:8001") },
      { url = env("DEMO_B", "http://127.0.0.1:8002") },
    ]
  }
}
