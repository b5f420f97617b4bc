a = ["x"][3]
b = { k = 1 }["q"]
c = { k = 1 }.q
d = NAME[0]
e = split(",", NAME)[7]
