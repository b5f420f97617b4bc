tls { cert = "a" key = "b" }
