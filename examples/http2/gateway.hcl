# HTTP/2 from clients to servers of either version.
#
#   bin/gatewright -c examples/http2/gateway.hcl
#   curl --http2-prior-knowledge -H 'Host: shop.example.com' http://127.0.0.1:8080/

# HTTP/1.1 and HTTP/2 share the port: whoever begins with HTTP/2 is served that. With a block `tls`
# clients choose by ALPN instead, which needs no other key.
entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")

  http {
    # A client that gives requests up again and again loses its connection.
    max_resets             = 50
    max_concurrent_streams = 100
  }
}

# For clients that are known to speak HTTP/1.1.
entrypoints "old" {
  address = env("OLD_ADDRESS", "127.0.0.1:8081")

  http {
    h2c = false
  }
}

# `:authority` is what the host is in HTTP/1.1.
routers "shop" {
  rule    = "Host(`shop.example.com`)"
  service = "shop"
}

routers "files" {
  rule    = "Host(`files.example.com`)"
  service = "files"
}

# A server of HTTP/1.1: each request of the client's one connection gets a connection of its own, or
# one that is free.
services "shop" {
  load_balancer {
    servers = [{ url = env("SHOP_URL", "http://127.0.0.1:9001") }]
  }
}

# A server of HTTP/2.
services "files" {
  load_balancer {
    servers = [{ url = env("FILES_URL", "h2c://127.0.0.1:9002") }]
  }
}
