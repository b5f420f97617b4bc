services "api" {
  load_balancer {
    health_check { path = "/a" }
    health_check { path = "/b" }
  }
}
