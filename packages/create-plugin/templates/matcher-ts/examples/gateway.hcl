plugins "my-plugin" {
  source = "../src/index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "beta" {
  rule    = "PathPrefix(`/`) && MyPlugin(`beta`, `nightly`)"
  service = "beta"
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

services "beta" {
  load_balancer {
    servers = [{ url = env("OTHER_SERVER", "http://127.0.0.1:8002") }]
  }
}
