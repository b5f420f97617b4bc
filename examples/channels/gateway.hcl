# Channels that WebSocket clients subscribe and publish to, without any server behind.
#
#   bin/gatewright -c examples/channels/gateway.hcl

# Who may publish where is decided in a file beside this one.
plugins "rooms" {
  source = "./rooms.ts"
}

entrypoints "web" {
  address = "127.0.0.1:8080"
}

routers "channels" {
  rule        = "Path(`/channels`)"
  service     = "channels"
  middlewares = ["members"]
}

middlewares "members" {
  type = "api-key"
  consumers = {
    alice = ["the key of alice"]
    bob   = ["the key of bob"]
  }
}

services "channels" {
  websocket {
    mux {
      max_channels = 16
      rate         = 20
      burst        = 50
    }
  }
}
