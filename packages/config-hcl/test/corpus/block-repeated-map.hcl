middlewares "headers" {
  request_headers {
    a = "1"
  }
  request_headers {
    b = "2"
  }
}
