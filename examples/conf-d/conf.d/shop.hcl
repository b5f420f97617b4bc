# What the shop needs. Other files may not define the same names.

routers "shop" {
  rule        = "PathPrefix(`/shop`)"
  service     = "shop"
  middlewares = ["again"] # from the main file
}

services "shop" {
  load_balancer {
    servers = [{ url = env("SHOP", "http://127.0.0.1:9001") }]
  }
}
