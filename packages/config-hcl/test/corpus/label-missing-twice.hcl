services {
}
services {
}
