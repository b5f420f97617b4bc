plugins "canary-by-cookie" {
  source = "./index.ts"
  config {
    routers = {
      shop = "shop-next"
    }
  }
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}

routers "shop" {
  rule    = "PathPrefix(`/`)"
  service = "shop"
}

# Testers get it with a header, chosen clients with the cookie.
routers "shop-next" {
  rule    = "PathPrefix(`/`) && Header(`x-version`, `next`)"
  service = "shop-next"
}

services "shop" {
  load_balancer {
    servers = [{ url = env("SERVER", "http://127.0.0.1:8001") }]
  }
}

services "shop-next" {
  load_balancer {
    servers = [{ url = env("NEXT_SERVER", "http://127.0.0.1:8002") }]
  }
}
