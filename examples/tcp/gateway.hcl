# Connections instead of requests: a database behind one port, TLS sites behind another.
#
#   bin/gatewright -c examples/tcp/gateway.hcl

# Redis for the neighbourhood. Nobody waits for what the client says first.
entrypoints "redis" {
  protocol               = "tcp"
  address                = env("REDIS_ADDRESS", "127.0.0.1:6380")
  max_connections        = 1000
  max_connections_per_ip = 100
  tcp_allowed_ips        = ["127.0.0.0/8", "10.0.0.0/8"]
}

# Several TLS sites on one port. Who wants where stands in the ClientHello; nothing is decrypted.
entrypoints "tls" {
  protocol      = "tcp"
  address       = env("TLS_ADDRESS", "127.0.0.1:8443")
  hello_timeout = "2s"
}

routers "redis" {
  rule        = "HostSNI(`*`)"
  entrypoints = ["redis"]
  service     = "redis"
}

routers "wiki" {
  rule        = "HostSNI(`wiki.example.com`, `*.wiki.example.com`)"
  entrypoints = ["tls"]
  middlewares = ["office"]
  service     = "wiki"
}

# Other names, and clients without one.
routers "shop" {
  rule        = "HostSNI(`*`)"
  entrypoints = ["tls"]
  service     = "shop"
}

middlewares "office" {
  type        = "ip-allow"
  allowed_ips = ["127.0.0.1"]
}

# The one with fewer connections gets the next one. One that cannot be reached is passed over, and
# gets no connections for a while.
services "redis" {
  load_balancer {
    strategy        = "least-connections"
    connect_timeout = "2s"
    idle_timeout    = "10m"

    servers = [
      { url = env("REDIS_A", "tcp://127.0.0.1:6379") },
      { url = env("REDIS_B", "tcp://127.0.0.1:6378") },
    ]

    passive_health {
      error_threshold = 1
      recovery        = "30s"
    }
  }
}

services "wiki" {
  load_balancer {
    servers = [{ url = env("WIKI", "tcp://127.0.0.1:9443") }]
  }
}

# Its servers learn the address of the client from a PROXY header.
services "shop" {
  load_balancer {
    proxy_protocol = "v2"
    servers        = [{ url = env("SHOP", "tcp://127.0.0.1:9444") }]
  }
}
