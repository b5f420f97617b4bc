plugins "my-plugin" {
  source = "../src/index.ts"
}

providers {
  my-plugin {
    file = "routes.json"
  }
}

entrypoints "web" {
  address = env("ADDRESS", "127.0.0.1:8080")
}
