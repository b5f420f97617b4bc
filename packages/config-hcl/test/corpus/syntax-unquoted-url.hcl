services "api" {
  url = http://10.0.0.1:8080
}
