middlewares "x" {
  targets {
    url = "a"
  }
}
