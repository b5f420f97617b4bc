routers "api" {
}
routers {
}
