# Events as they happen, to browsers that stay for hours.
#
#   bin/gatewright -c examples/sse/gateway.hcl

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

routers "news" {
  rule        = "PathPrefix(`/`)"
  service     = "news"
  middlewares = ["smaller"]
}

# Each event is compressed and sent when it comes.
middlewares "smaller" {
  type                   = "compress"
  excluded_content_types = []
}

services "news" {
  load_balancer {
    servers = [{ url = env("NEWS", "http://127.0.0.1:9001") }]
  }

  # For event streams only; pages go by the timeouts of load_balancer.
  streaming {
    first_byte_timeout = "10s"
    idle_timeout       = "1m"
    total_timeout      = 0
    disable_buffering  = true
  }
}
