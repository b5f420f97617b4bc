services "api" {
  ratio = 50%
}
