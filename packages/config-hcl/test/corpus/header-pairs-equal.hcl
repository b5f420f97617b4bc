middlewares "headers" {
  request_headers = [
    { name = "X-Token", value = "1" },
    { name = "x-token", value = "2" },
  ]
}
