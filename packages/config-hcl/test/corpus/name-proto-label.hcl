services "__proto__" {
}
