entrypoints "web" {
  address = ":80"
}
entrypoints "web" {
  max_connections = 9007199254740993
}
services "" {
  headers = { a = 1, a = 2 }
}
