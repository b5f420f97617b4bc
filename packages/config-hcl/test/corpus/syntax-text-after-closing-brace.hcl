entrypoints "web" {
} routers "api" {
}
