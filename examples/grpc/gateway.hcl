# Calls of gRPC, and those of browsers, to servers that say themselves whether they serve.
#
#   bin/gatewright -c examples/grpc/gateway.hcl

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

# The path of a call is the name of its service, then that of its method.
routers "guestbook" {
  rule        = "PathPrefix(`/demo.Guestbook/`)"
  service     = "guestbook"
  middlewares = ["pages", "browsers", "again"]
}

# Pages may call, and see how their calls ended.
middlewares "pages" {
  type            = "cors"
  allowed_origins = ["http://localhost:3000"]
  allowed_headers = ["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"]
  exposed_headers = ["grpc-status", "grpc-message", "grpc-status-details-bin"]
}

# What they say in gRPC-Web reaches the servers as gRPC. Calls of gRPC pass as they are.
middlewares "browsers" {
  type = "grpc-web"
}

# A call that a server cannot take goes to the other one.
middlewares "again" {
  type        = "retry"
  max_retries = 1
  retry_codes = ["UNAVAILABLE"]
}

services "guestbook" {
  load_balancer {
    servers = [
      { url = env("GUESTBOOK_A", "grpc://127.0.0.1:9001") },
      { url = env("GUESTBOOK_B", "grpc://127.0.0.1:9002") },
    ]

    # grpc.health.v1.Health/Check
    health_check {
      mode     = "grpc"
      interval = env("PROBE_INTERVAL", "2s")
    }

    passive_health {
      codes = ["UNAVAILABLE", "INTERNAL"]
    }
  }
}
