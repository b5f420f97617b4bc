plugins "my-plugin" {
  source = "../src/index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

entrypoints "lines" {
  address  = env("LINES_ADDRESS", "127.0.0.1:8079")
  protocol = "my-plugin"
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
