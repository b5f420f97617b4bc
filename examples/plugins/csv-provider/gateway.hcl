plugins "csv" {
  source = "./index.ts"
}

providers {
  csv {
    file = "routes.csv"
  }
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}
