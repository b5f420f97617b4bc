# TLS for clients: several sites on one port, partners with certificates of their own, and a
# protocol of bytes.
#
#   examples/tls/certificates.sh
#   bin/gatewright -c examples/tls/gateway.hcl

# Whoever comes without TLS is sent to where it is.
entrypoints "web" {
  address = env("WEB_ADDRESS", "127.0.0.1:8080")
}

# The certificate goes by the name that the client asks for: that of the shop, that of all other
# sites of example.com, else the first one. All of them may be replaced while the gateway runs.
entrypoints "secure" {
  address = env("SECURE_ADDRESS", "127.0.0.1:8443")

  tls {
    certificates = [
      { cert_file = "certs/sites.crt", key_file = "certs/sites.key" },
      { cert_file = "certs/shop.crt", key_file = "certs/shop.key" },
    ]
  }
}

# Nobody gets in here without a certificate of the partners' authority. The server is told whose it
# was, as X-Forwarded-Client-Cert.
entrypoints "partners" {
  address = env("PARTNERS_ADDRESS", "127.0.0.1:8444")

  tls {
    cert_file   = "certs/sites.crt"
    key_file    = "certs/sites.key"
    min_version = "1.3"
    strict_sni  = true

    client_auth {
      ca_files = ["certs/ca.crt"]
      mode     = "require"
    }
  }
}

# Bytes, decrypted here.
entrypoints "mqtts" {
  protocol = "tcp"
  address  = env("MQTTS_ADDRESS", "127.0.0.1:8883")

  tls {
    cert_file         = "certs/sites.crt"
    key_file          = "certs/sites.key"
    handshake_timeout = "5s"
  }
}

routers "to-tls" {
  rule        = "PathPrefix(`/`)"
  entrypoints = ["web"]
  middlewares = ["to-tls"]
  service     = "sites"
}

routers "sites" {
  rule        = "PathPrefix(`/`)"
  entrypoints = ["secure", "partners"]
  service     = "sites"
}

routers "mqtt" {
  rule        = "HostSNI(`*`)"
  entrypoints = ["mqtts"]
  service     = "mqtt"
}

middlewares "to-tls" {
  type   = "redirect"
  scheme = "https"
  port   = 8443
  status = 308
}

services "sites" {
  load_balancer {
    servers = [{ url = env("SITES", "http://127.0.0.1:9001") }]
  }
}

services "mqtt" {
  load_balancer {
    servers = [{ url = env("MQTT", "tcp://127.0.0.1:1883") }]
  }
}
