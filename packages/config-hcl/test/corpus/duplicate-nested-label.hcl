plugin "geo" {
  order "request" {
    stage = 1
  }
  order "request" {
    stage = 2
  }
}
