services "api" {
  load_balancer {
    servers {
      url    = "a"
      weight = "${NAME}"
    }
    servers {
      url    = "b"
      weight = "${NAME}"
    }
  }
}
