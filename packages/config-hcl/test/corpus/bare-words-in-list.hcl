routers "api" {
  middlewares = [limit, "headers", strip-prefix]
}
