services "api" {
  host = api.example.com
}
