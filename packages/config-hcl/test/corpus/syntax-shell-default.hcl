middlewares "auth" {
  value = "${JWT_SECRET:-secret}"
}
