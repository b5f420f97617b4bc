routers {
  rule = "Host(`a`)"
}
