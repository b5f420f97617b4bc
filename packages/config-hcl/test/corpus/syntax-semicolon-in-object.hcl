middlewares "headers" {
  request_headers = { a = "1"; b = "2" }
}
