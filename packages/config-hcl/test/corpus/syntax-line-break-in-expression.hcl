weight = 1 +
  2
