# The main file: what all teams share. Everything else stands in conf.d, and every change counts as
# soon as it is saved.

providers {
  file {
    directory = "conf.d"
  }
}

entrypoints "web" {
  address = "127.0.0.1:8080"
}

middlewares "again" {
  type        = "retry"
  max_retries = 2
}
