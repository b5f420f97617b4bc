services "api" {
  strategy = random
}
