# A shop that stays up: its servers may fall ill, come back, be slow, or be replaced.
#
# README.md tells how to try it.

entrypoints "web" {
  address = "127.0.0.1:8080"
}

# --- routers: the longer rule is tried first ----------------------------------------------------

routers "site" {
  rule        = "PathPrefix(`/`)"
  service     = "shop"
  middlewares = ["again"]
}

routers "api" {
  rule        = "PathPrefix(`/api`)"
  service     = "api"
  middlewares = ["again"]
}

routers "images" {
  rule        = "PathPrefix(`/images`)"
  service     = "images"
  middlewares = ["again"]
}

routers "reports" {
  rule    = "PathPrefix(`/reports`)"
  service = "reports"
}

# Who meets a server that fails is sent to another one, and notices nothing.
middlewares "again" {
  type              = "retry"
  max_retries       = 2
  retry_interval_ms = 20
  overall_timeout   = "5s"
}

# --- services -----------------------------------------------------------------------------------

# Carts are in the memory of the servers, so that each client stays at one of them.
services "shop" {
  load_balancer {
    # What has been away for a while begins with a tenth of its share.
    slow_start = "10m"
    servers = [
      { url = env("SHOP_A", "http://127.0.0.1:8001") },
      { url = env("SHOP_B", "http://127.0.0.1:8002") },
      { url = env("SHOP_C", "http://127.0.0.1:8003") },
    ]
    health_check {
      path                = "/healthz"
      interval            = "1s"
      unhealthy_threshold = 2
    }
    sticky {
      cookie = "shop_server"
      secret = env("STICKY_SECRET", "for trying it out only")
    }
  }
  # Only while none of the three works.
  failover {
    service = "standby"
  }
  # What changes nothing is done by the next version as well, to see whether it does the same.
  mirror {
    service       = "next"
    methods       = ["GET", "HEAD"]
    strip_headers = ["Authorization", "Cookie"]
    compare       = true
  }
}

# Nobody asks these servers how they are; what they answer to clients says enough.
services "api" {
  load_balancer {
    strategy = "random-two-choices"
    servers = [
      { url = env("SHOP_A", "http://127.0.0.1:8001") },
      { url = env("SHOP_B", "http://127.0.0.1:8002") },
      { url = env("SHOP_C", "http://127.0.0.1:8003") },
    ]
    passive_health {
      error_threshold     = 3
      recovery            = "30s"
      max_ejected_percent = 50
    }
  }
}

# Each picture has its server, which has it in its cache.
services "images" {
  load_balancer {
    strategy    = "consistent-hash"
    hash_on     = "path"
    load_factor = 1.25
    servers = [
      { url = env("SHOP_A", "http://127.0.0.1:8001") },
      { url = env("SHOP_B", "http://127.0.0.1:8002") },
      { url = env("SHOP_C", "http://127.0.0.1:8003") },
    ]
  }
}

# A server makes one report at a time; further requests wait.
services "reports" {
  load_balancer {
    strategy        = "least-connections"
    request_timeout = "60s"
    servers = [
      { url = env("SHOP_A", "http://127.0.0.1:8001") },
      { url = env("SHOP_B", "http://127.0.0.1:8002") },
    ]
  }
  scaling {
    container_concurrency = 1
    queue_timeout         = "20s"
    queue_size            = 8
  }
}

services "standby" {
  load_balancer {
    servers = [{ url = env("SHOP_STANDBY", "http://127.0.0.1:8004") }]
  }
}

services "next" {
  load_balancer {
    servers = [{ url = env("SHOP_NEXT", "http://127.0.0.1:8005") }]
  }
}
