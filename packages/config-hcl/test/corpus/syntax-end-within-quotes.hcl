services "a" {
  load_balancer {
    strategy = "round