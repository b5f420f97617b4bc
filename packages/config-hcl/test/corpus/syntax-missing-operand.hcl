weight = 1 +
