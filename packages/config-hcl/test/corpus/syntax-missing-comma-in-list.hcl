routers "api" {
  middlewares = ["a" "b"]
}
