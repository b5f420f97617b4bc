routers "api" {
  service = "a"
}
router api {
  service = "b"
}
