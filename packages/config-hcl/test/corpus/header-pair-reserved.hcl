middlewares "headers" {
  request_headers = [{ name = "__proto__", value = "1" }]
}
