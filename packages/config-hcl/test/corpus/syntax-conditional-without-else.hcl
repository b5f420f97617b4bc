weight = true ? 1
