plugins "openai-tokens" {
  source = "./index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "models" {
  rule        = "PathPrefix(`/v1/`)"
  service     = "models"
  middlewares = ["count"]
}

middlewares "count" {
  type   = "openai-tokens"
  tenant = "research"
}

services "models" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
  streaming {
    idle_timeout = "2m"
  }
}

metrics {}
