middlewares "limit" {
  rate = env("NOT_SET", "many")
}
