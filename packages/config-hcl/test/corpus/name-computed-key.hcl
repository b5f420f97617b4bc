request_headers = { (PROTO) = "1" }
