plugins "api-key-db" {
  source = "./index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "all" {
  rule        = "PathPrefix(`/`)"
  service     = "app"
  middlewares = ["partners"]
}

middlewares "partners" {
  type = "api-key-db"
  file = env("KEYS", "keys.sqlite")
}

services "app" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}
