request_headers = {
  "X-A" = "1"
  X-A   = "2"
}
