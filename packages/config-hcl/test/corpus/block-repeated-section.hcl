providers {
}
providers {
}
