# TLS to servers: with an authority of one's own, a client certificate, and a name that is not in the
# URL; bytes that are encrypted on their way; and TLS that is passed on as it is.
#
#   examples/tls-upstream/certificates.sh
#   bin/gatewright -c examples/tls-upstream/gateway.hcl

entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

# Clients of the broker come without TLS.
entrypoints "mqtt" {
  protocol = "tcp"
  address  = env("MQTT_ADDRESS", "127.0.0.1:1883")
}

# Nothing is decrypted here; where a connection goes stands in its first message.
entrypoints "passed-on" {
  protocol = "tcp"
  address  = env("PASSED_ON_ADDRESS", "127.0.0.1:8443")
}

routers "shop" {
  rule        = "PathPrefix(`/`)"
  entrypoints = ["web"]
  service     = "shop"
}

routers "mqtt" {
  rule        = "HostSNI(`*`)"
  entrypoints = ["mqtt"]
  service     = "broker"
}

routers "passed-on" {
  rule        = "HostSNI(`shop.internal`)"
  entrypoints = ["passed-on"]
  service     = "shop-as-it-is"
}

# HTTP/2 if the server speaks it, else HTTP/1.1. The health check comes with the same certificate.
services "shop" {
  load_balancer {
    servers = [{ url = env("SHOP", "https://127.0.0.1:9443") }]

    upstream_tls {
      ca_files    = ["certs/ca.crt"]
      cert_file   = "certs/gateway.crt"
      key_file    = "certs/gateway.key"
      server_name = "shop.internal"
      min_version = "1.3"
    }

    health_check {
      path     = "/health"
      interval = "5s"
    }
  }
}

services "broker" {
  load_balancer {
    servers = [{ url = env("BROKER", "tls://localhost:8883") }]

    upstream_tls {
      ca_files = ["certs/ca.crt"]
    }
  }
}

services "shop-as-it-is" {
  load_balancer {
    servers = [{ url = env("SHOP_AS_IT_IS", "tcp://127.0.0.1:9443") }]
  }
}
