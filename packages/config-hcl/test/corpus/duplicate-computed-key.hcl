headers = { a = "1", (lower("A")) = "2" }
