plugins "my-plugin" {
  source = "../src/index.js"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "all" {
  rule        = "PathPrefix(`/`)"
  service     = "app"
  middlewares = ["example"]
}

middlewares "example" {
  type    = "my-plugin"
  methods = ["GET", "HEAD", "POST"]
  note    = "hello from the example"
}

services "app" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}
