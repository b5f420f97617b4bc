__proto__ {
  admin = true
}
