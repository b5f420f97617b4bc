# Files may lie in folders of their own.

routers "blog" {
  rule    = "PathPrefix(`/blog`)"
  service = "blog"
}

services "blog" {
  load_balancer {
    servers = [{ url = env("BLOG", "http://127.0.0.1:9002") }]
  }
}
