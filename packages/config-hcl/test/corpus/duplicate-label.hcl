services "api" {
  url = "a"
}
services "web" {
}
services "api" {
  url = "b"
}
