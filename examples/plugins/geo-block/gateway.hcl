plugins "geo-block" {
  source = "./index.ts"
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "all" {
  rule        = "PathPrefix(`/`)"
  service     = "app"
  middlewares = ["neighbours"]
}

middlewares "neighbours" {
  type = "geo-block"
  file = "countries.csv"
  deny = ["DK", "ZZ"]
}

services "app" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}
