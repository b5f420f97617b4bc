plugins "ws-rate" {
  source = "./index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "chat" {
  rule        = "PathPrefix(`/`)"
  service     = "chat"
  middlewares = ["polite"]
}

middlewares "polite" {
  type              = "ws-rate"
  rate              = 5
  burst             = 10
  max_message_bytes = "16KiB"
  client {
    rate   = 300
    period = "1m"
  }
}

services "chat" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}

metrics {}

