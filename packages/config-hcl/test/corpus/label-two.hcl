routers "a" "b" {
}
