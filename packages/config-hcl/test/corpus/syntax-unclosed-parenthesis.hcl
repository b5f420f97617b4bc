weight = int("1"
