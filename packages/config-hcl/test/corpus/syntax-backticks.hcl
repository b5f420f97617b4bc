routers "api" {
  rule = `Host("a.example")`
}
