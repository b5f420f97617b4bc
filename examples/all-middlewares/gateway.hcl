# A shop with everything that Gatewright has for requests on their way: a public site, an API for
# its pages, one for partners, accounts behind a login server, and an admin area.
#
# README.md tells how to try it. Files that this one names stand beside it.

entrypoints "web" {
  address = "127.0.0.1:8080"

  # tcp-filter: nobody can use up all connections.
  max_connections        = 200
  max_connections_per_ip = 50

  # TLS ends in a proxy on this machine, which tells where a request came from.
  forwarded_headers {
    trusted_ips = ["127.0.0.1"]
  }
}

# --- routers: the longer rule is tried first ----------------------------------------------------

# Services believe what X-User and X-Consumer-Name say. So each router that leads to one begins with
# "nobody", which takes away what the client wrote there; who gets in is told by what follows.

routers "site" {
  rule        = "PathPrefix(`/`)"
  service     = "shop"
  middlewares = ["nobody", "crowd", "careful", "smaller"]
}

# For pages of the shop's own applications, whose users are signed in.
routers "api" {
  rule    = "PathPrefix(`/api`)"
  service = "shop"
  middlewares = [
    "nobody", "pages", "crowd", "signed-in", "small", "without-prefix", "careful", "rest", "again",
    "smaller",
  ]
}

# For programs of partners, whose calls all gateways count together.
routers "partners" {
  rule        = "PathPrefix(`/partners`)"
  service     = "shop"
  middlewares = [
    "nobody", "partners", "quota", "small", "without-prefix", "careful", "rest", "again",
  ]
}

# A service that knows nothing of logins.
routers "account" {
  rule        = "PathPrefix(`/account`)"
  service     = "account"
  middlewares = ["nobody", "crowd", "login", "small", "careful"]
}

# The same under a name of its own.
routers "account-site" {
  rule        = "Host(`account.example.com`)"
  service     = "account"
  middlewares = ["nobody", "crowd", "login", "small", "below-account", "careful"]
}

# Old links, and one that is easy to say.
routers "moved" {
  rule        = "Path(`/catalog`)"
  service     = "shop"
  middlewares = ["to-catalogue"]
}

routers "welcome" {
  rule        = "Path(`/welcome`)"
  service     = "shop"
  middlewares = ["nobody", "crowd", "is-catalogue", "careful", "smaller"]
}

# For staff, from the office network only. The service is one that no other router leads to: what
# this rule does not match, such as "//admin", goes to the shop.
routers "admin" {
  rule        = "PathPrefix(`/admin`)"
  service     = "admin"
  middlewares = ["nobody", "office", "staff", "small", "careful"]
}

# --- who gets in, and how often -----------------------------------------------------------------

middlewares "nobody" {
  type            = "headers"
  request_headers = { "X-User" = "", "X-Consumer-Name" = "" }
}

middlewares "office" {
  type        = "ip-allow"
  allowed_ips = ["127.0.0.1", "::1", "10.0.0.0/8"]
}

middlewares "pages" {
  type              = "cors"
  allowed_origins   = ["https://app.example.com"]
  allow_credentials = true
  max_age           = "1h"
}

middlewares "crowd" {
  type   = "rate-limit"
  rate   = 300
  period = "1m"
  burst  = 50
}

middlewares "quota" {
  type       = "rate-limit-redis"
  redis_url  = env("REDIS_URL", "redis://127.0.0.1:6379")
  algorithm  = "sliding-window"
  rate       = 60
  period     = "1h"
  key        = "consumer"
  on_failure = "local"
}

middlewares "signed-in" {
  type           = "jwt"
  jwks_url       = env("JWKS_URL", "http://127.0.0.1:9091/jwks.json")
  issuers        = ["https://login.example.com/"]
  audiences      = ["shop"]
  forward_claims = { "X-User" = "sub" }
}

middlewares "partners" {
  type      = "api-key"
  keys_file = "partners.keys"
}

middlewares "login" {
  type                          = "forward-auth"
  forward_auth_url              = env("LOGIN_URL", "http://127.0.0.1:9091/verify")
  forward_auth_response_headers = ["X-User"]
  consumer_header               = "X-User"
}

middlewares "staff" {
  type        = "basic-auth"
  users_file  = "staff.htpasswd"
  user_header = "X-User"
}

# --- what becomes of requests and responses -----------------------------------------------------

middlewares "small" {
  type           = "body-limit"
  max_body_bytes = "64KiB"
}

middlewares "without-prefix" {
  type     = "strip-prefix"
  prefixes = ["/api", "/partners"]
  strict   = true
}

middlewares "below-account" {
  type   = "add-prefix"
  prefix = "/account"
}

middlewares "is-catalogue" {
  type = "replace-path"
  path = "/catalogue"
}

middlewares "to-catalogue" {
  type   = "redirect"
  path   = "/catalogue"
  status = 308
}

middlewares "careful" {
  type                 = "headers"
  request_headers      = { "X-Request-Id" = "{request_id}" }
  response_headers     = { "Server" = "", "X-Request-Id" = "{request_id}" }
  hsts_seconds         = 31536000
  frame_deny           = true
  content_type_nosniff = true
}

middlewares "rest" {
  type              = "circuit-breaker"
  failure_threshold = 5
  cooldown_secs     = 30
}

middlewares "again" {
  type              = "retry"
  max_retries       = 2
  retry_interval_ms = 20
  overall_timeout   = "5s"
}

middlewares "smaller" {
  type      = "compress"
  encodings = ["br", "gzip"]
}

# --- services -----------------------------------------------------------------------------------

services "shop" {
  load_balancer {
    servers = [
      { url = env("SHOP_A", "http://127.0.0.1:8001") },
      { url = env("SHOP_B", "http://127.0.0.1:8002") },
    ]
  }
}

services "account" {
  load_balancer {
    servers = [{ url = env("ACCOUNT", "http://127.0.0.1:8003") }]
  }
}

services "admin" {
  load_balancer {
    servers = [{ url = env("ADMIN", "http://127.0.0.1:8004") }]
  }
}
