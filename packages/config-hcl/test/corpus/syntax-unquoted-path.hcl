middlewares "strip" {
  prefixes = [/api, "/v1"]
}
