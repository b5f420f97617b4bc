middlewares "auth" {
  type  = "jwt"
  value = "${JWT_SECRET}"
}
