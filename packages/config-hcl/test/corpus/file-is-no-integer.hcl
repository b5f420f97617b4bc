middlewares "limit" {
  rate = file("rate.txt")
}
