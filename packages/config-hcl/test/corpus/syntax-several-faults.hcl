entrypoints "web" {
  address = '0.0.0.0:80'
}
routers "api" {
  rule = Host
  priority = 1;
}
services "api" {
  timeout = 10s
}
