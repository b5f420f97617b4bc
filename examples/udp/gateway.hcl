# Name servers behind one address.
#
#   bin/gatewright -c examples/udp/gateway.hcl

# A session is over as soon as its client has the answer, and after two seconds without one.
entrypoints "dns" {
  protocol                 = "udp"
  address                  = env("DNS_ADDRESS", "127.0.0.1:5300")
  udp_responses            = 1
  udp_session_timeout_secs = 2
  udp_max_sessions         = 20000
}

# Datagrams are not told apart by rules.
routers "dns" {
  rule        = "*"
  entrypoints = ["dns"]
  middlewares = ["neighbours"]
  service     = "dns"
}

middlewares "neighbours" {
  type        = "ip-allow"
  allowed_ips = ["127.0.0.0/8", "10.0.0.0/8"]
}

# They take turns. One where nobody listens gets no more questions for a while.
services "dns" {
  load_balancer {
    servers = [
      { url = env("DNS_A", "udp://127.0.0.1:5301") },
      { url = env("DNS_B", "udp://127.0.0.1:5302") },
    ]

    passive_health {
      error_threshold = 1
      recovery        = "30s"
    }
  }
}
