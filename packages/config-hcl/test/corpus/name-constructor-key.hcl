request_headers = { constructor = "1", "prototype" = "2" }
