entrypoints "web" {
  address = ":80"
  address = ":81"
}
