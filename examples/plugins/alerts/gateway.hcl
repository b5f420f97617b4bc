plugins "alerts" {
  source = "./index.ts"
  config {
    url   = env("ALERTS_URL", "http://127.0.0.1:9999/alerts")
    every = "1s"
  }
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "all" {
  rule    = "PathPrefix(`/`)"
  service = "app"
}

services "app" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}
