middlewares "a" {
  __proto__ = { admin = true }
}
