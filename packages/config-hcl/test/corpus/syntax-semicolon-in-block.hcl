middlewares "limit" { type = "rate-limit"; rate = 1 }
