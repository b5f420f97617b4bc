services "" {
}
