middlewares "limit" {
  rate = HUGE
  burst = DECIMAL
}
