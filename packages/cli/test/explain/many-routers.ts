/** A configuration with routers that get into each other's way. */
export const manyRouters = `
entrypoints "web" {
  address = "127.0.0.1:18080"
}

entrypoints "internal" {
  address = "127.0.0.1:18081"
}

entrypoints "db" {
  address  = "127.0.0.1:15432"
  protocol = "tcp"
}

entrypoints "dns" {
  address  = "127.0.0.1:15353"
  protocol = "udp"
}

middlewares "limit" {
  type = "rate-limit"
  rate = 10
}

middlewares "strip" {
  type     = "strip-prefix"
  prefixes = ["/v1"]
}

middlewares "again" {
  type        = "retry"
  max_retries = 1
}

routers "all" {
  rule        = "PathPrefix(\`/\`)"
  service     = "app"
  entrypoints = ["web"]
}

routers "api" {
  rule        = "Host(\`api.example.com\`) && PathPrefix(\`/v1\`)"
  service     = "app"
  entrypoints = ["web"]
  middlewares = ["limit", "again", "strip"]
}

routers "writes" {
  rule        = "Host(\`api.example.com\`) && Method(\`POST\`, \`PUT\`)"
  priority    = 100
  service     = "app"
  entrypoints = ["web"]
}

routers "tenant" {
  rule        = "Header(\`x-tenant\`, \`a\`) && !PathPrefix(\`/public\`)"
  priority    = 90
  service     = "app"
  entrypoints = ["web"]
}

routers "near" {
  rule        = "ClientIP(\`10.0.0.0/8\`)"
  priority    = 15
  service     = "app"
  entrypoints = ["web"]
}

routers "private" {
  rule        = "PathPrefix(\`/v1\`)"
  service     = "app"
  entrypoints = ["internal"]
}

routers "db" {
  rule        = "HostSNI(\`db.example.com\`)"
  service     = "db"
  entrypoints = ["db"]
}

routers "dns" {
  rule        = "*"
  service     = "dns"
  entrypoints = ["dns"]
}

services "app" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:1" }, { url = "http://127.0.0.1:2" }]
  }
}

services "db" {
  load_balancer {
    servers = [{ url = "tcp://127.0.0.1:3" }]
  }
}

services "dns" {
  load_balancer {
    servers = [{ url = "udp://127.0.0.1:4" }]
  }
}
`
