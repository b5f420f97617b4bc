middlewares = ["a", "b")
