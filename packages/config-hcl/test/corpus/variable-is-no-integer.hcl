middlewares "limit" {
  rate  = "${NAME}"
  burst = NAME
}
