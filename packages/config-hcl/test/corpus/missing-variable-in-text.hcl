services "api" {
  servers = [
    { url = "http://${HOST_A}:80" },
    { url = "http://${HOST_B}:${PORT_B}" },
  ]
}
