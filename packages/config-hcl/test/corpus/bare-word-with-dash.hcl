services "api" {
  load_balancer {
    strategy = round-robin
  }
}
