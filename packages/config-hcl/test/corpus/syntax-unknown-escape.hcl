routers "api" {
  rule = "PathRegexp(`/\d+`)"
}
