services "api" {
  strategy = round robin
}
