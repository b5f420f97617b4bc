middlewares "auth" {
  key = file("not-there.pem")
}
