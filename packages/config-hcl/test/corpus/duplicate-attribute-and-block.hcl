services "api" {
  load_balancer = { strategy = "random" }
  load_balancer {
    strategy = "round-robin"
  }
}
