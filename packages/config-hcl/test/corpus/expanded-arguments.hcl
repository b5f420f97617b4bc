a = env(["A"]...)
b = join(["," , "x"]...)
