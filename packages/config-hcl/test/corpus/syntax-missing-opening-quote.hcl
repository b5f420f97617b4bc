entrypoints "web" {
  address = 0.0.0.0:80"
}
