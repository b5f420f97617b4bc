a = [{ k = 1 }][*].k
b = NAME.*.k
