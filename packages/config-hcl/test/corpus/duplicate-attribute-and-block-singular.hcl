entrypoint = { web = { address = ":80" } }
entrypoints "web" {
  address = ":81"
}
