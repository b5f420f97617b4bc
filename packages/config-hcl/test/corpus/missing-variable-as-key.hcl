headers = { (NOT_SET) = 1 }
