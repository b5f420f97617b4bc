middlewares "limit" = {
  rate = 1
}
