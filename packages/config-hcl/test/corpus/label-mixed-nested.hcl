services "api" {
  order {
  }
  order "x" {
  }
}
