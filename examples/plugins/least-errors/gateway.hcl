plugins "least-errors" {
  source = "./index.ts"
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
    strategy = "least-errors"
    forget   = "30s"

    servers = [
      { url = env("SERVER", "http://127.0.0.1:8001") },
      { url = env("OTHER_SERVER", "http://127.0.0.1:8002") },
    ]
  }
}
