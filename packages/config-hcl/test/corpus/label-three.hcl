routers a b c {
}
