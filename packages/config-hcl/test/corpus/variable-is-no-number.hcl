middlewares "limit" {
  ratio   = env("NAME")
  enabled = env.NAME
}
