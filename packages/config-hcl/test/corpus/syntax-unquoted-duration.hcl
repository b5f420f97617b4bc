services "api" {
  timeout = 10s
}
