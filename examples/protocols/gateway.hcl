# Every protocol on one gateway.
#
#   examples/protocols/certificates.sh
#   node scripts/bootstrap.mjs examples/protocols/servers.ts
#   bin/gatewright -c examples/protocols/gateway.hcl

# HTTP/1.1 and HTTP/2 with prior knowledge on one port; WebSocket, events and gRPC are requests.
entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

# The same with TLS. Clients say by ALPN which version of HTTP they speak.
entrypoints "secure" {
  address = env("SECURE_ADDRESS", "127.0.0.1:8443")

  tls {
    cert_file = "certs/localhost.crt"
    key_file  = "certs/localhost.key"
  }
}

# Connections of TLS: some are passed on as they are, others decrypted at a port of their own.
entrypoints "passed" {
  protocol = "tcp"
  address  = env("PASSED_ADDRESS", "127.0.0.1:8444")
}

entrypoints "decrypted" {
  protocol = "tcp"
  address  = env("DECRYPTED_ADDRESS", "127.0.0.1:8445")

  tls {
    cert_file = "certs/localhost.crt"
    key_file  = "certs/localhost.key"
  }
}

entrypoints "datagrams" {
  protocol = "udp"
  address  = env("DATAGRAMS_ADDRESS", "127.0.0.1:8446")
}

# Longer rules are asked first, and this one is longer than some of the others.
routers "pages" {
  rule     = "PathPrefix(`/`)"
  priority = 1
  service  = "pages"
}

routers "events" {
  rule    = "Path(`/events`)"
  service = "events"
}

routers "talk" {
  rule    = "Path(`/talk`)"
  service = "talk"
}

# A call of gRPC is a POST to /package.Service/Method. Browsers call, too.
routers "calls" {
  rule        = "PathPrefix(`/example.Echo/`)"
  middlewares = ["browsers"]
  service     = "calls"
}

routers "passed" {
  rule        = "HostSNI(`localhost`)"
  entrypoints = ["passed"]
  service     = "passed"
}

routers "decrypted" {
  rule        = "HostSNI(`*`)"
  entrypoints = ["decrypted"]
  service     = "bytes"
}

routers "datagrams" {
  rule        = "*"
  entrypoints = ["datagrams"]
  service     = "datagrams"
}

middlewares "browsers" {
  type = "grpc-web"
}

services "pages" {
  load_balancer {
    servers = [{ url = env("PAGES", "http://127.0.0.1:9001") }]
  }
}

services "events" {
  load_balancer {
    servers = [{ url = env("PAGES", "http://127.0.0.1:9001") }]
  }

  streaming {
    idle_timeout = "5m"
  }
}

services "talk" {
  load_balancer {
    servers = [{ url = env("PAGES", "http://127.0.0.1:9001") }]
  }

  websocket {
    idle_timeout = "5m"
  }
}

services "calls" {
  load_balancer {
    servers = [{ url = env("CALLS", "grpc://127.0.0.1:9002") }]
  }
}

services "passed" {
  load_balancer {
    servers = [{ url = env("ENCRYPTED", "tcp://127.0.0.1:9003") }]
  }
}

services "bytes" {
  load_balancer {
    servers = [{ url = env("BYTES", "tcp://127.0.0.1:9004") }]
  }
}

services "datagrams" {
  load_balancer {
    servers = [{ url = env("DATAGRAMS", "udp://127.0.0.1:9005") }]
  }
}
