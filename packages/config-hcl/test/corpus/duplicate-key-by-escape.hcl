headers = { a = 1, "\u0061" = 2 }
