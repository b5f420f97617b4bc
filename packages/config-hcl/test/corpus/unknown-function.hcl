a = uper("x")
b = sha256("x")
