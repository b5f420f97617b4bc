# Loads a plugin from a file beside this one, and uses the middleware type that it adds.

plugins "hello" {
  source = "./hello-js.js"
}

entrypoints "web" {
  address = "127.0.0.1:8080"
}

routers "all" {
  rule        = "PathPrefix(`/`)"
  service     = "app"
  middlewares = ["greet"]
}

middlewares "greet" {
  type     = "hello"
  greeting = "good day"
}

services "app" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}
