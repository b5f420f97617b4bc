request_headers = { "X-A" }
