# Conversations over WebSocket, in front of two servers.
#
#   bin/gatewright -c examples/websocket/gateway.hcl

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

routers "chat" {
  rule        = "PathPrefix(`/`)"
  service     = "chat"
  middlewares = ["not-too-often"]
}

# Refused handshakes get the status, as any request does.
middlewares "not-too-often" {
  type  = "rate-limit"
  rate  = 10
  burst = 50
}

services "chat" {
  load_balancer {
    # A conversation counts at its server as long as it lasts.
    strategy = "least-connections"
    servers = [
      { url = env("CHAT_A", "http://127.0.0.1:9001") },
      { url = env("CHAT_B", "http://127.0.0.1:9002") },
    ]

    # Who comes back finds the same room.
    sticky {
      cookie = "room"
    }
  }

  websocket {
    idle_timeout = "5m"
  }
}
