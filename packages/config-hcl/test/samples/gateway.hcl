# A gateway with a little of everything.
shutdown_timeout_secs = 30

entrypoints "web" {
  address = "0.0.0.0:8080"
}

entrypoints "websecure" {
  address = "0.0.0.0:8443" // TLS
  tls {
    cert_file = "/etc/gateway/cert.pem"
    key_file  = "/etc/gateway/key.pem"
  }
}

/* Routers name
   their parts. */
routers "api" {
  rule        = "Host(`api.example.com`) && PathPrefix(`/v1`)"
  service     = "api"
  entrypoints = ["web", "websecure"]
  middlewares = [
    "limit", # first
    "headers",
  ]
  priority = -5
}

services api {
  load_balancer {
    strategy = "round-robin"
    servers = [
      { url = "http://10.0.0.1:8080", weight = 2 },
      { url : "http://10.0.0.2:8080" },
    ]
    health_check { path = "/health" }
  }
}

services "blocks" {
  load_balancer {
    servers { url = "http://10.0.1.1:8080" }
    servers { url = "http://10.0.1.2:8080" }
  }
  mirror {}
}

middlewares "limit" {
  type  = "rate-limit"
  rate  = 1.5e2
  burst = 10
}

middlewares "headers" {
  type = "headers"
  request_headers = {
    "X-One" = "1"
    X-Two   = "2", X-Three = "3"
  }
}

providers {
  file {
    directory = "./conf.d"
    watch     = true
  }
  docker {}
}

nothing = null
nested  = { a = [[1, 2], [], {}], b = { c = { d = [true] } } }
