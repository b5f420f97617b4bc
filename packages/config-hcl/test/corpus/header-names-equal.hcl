middlewares "headers" {
  request_headers = {
    "X-Token" = "1"
    "x-token" = "2"
  }
}
