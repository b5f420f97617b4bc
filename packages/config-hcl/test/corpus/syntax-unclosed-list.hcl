routers "api" {
  middlewares = ["a", "b"
  service = "x"
}
