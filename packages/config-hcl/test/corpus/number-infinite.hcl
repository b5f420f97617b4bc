max = 1e400
