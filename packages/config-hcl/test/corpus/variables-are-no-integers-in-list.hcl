middlewares "limit" {
  codes = ["${NAME}", 200, env("NAME")]
}
