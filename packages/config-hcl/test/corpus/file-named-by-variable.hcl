key = file(NAME)
