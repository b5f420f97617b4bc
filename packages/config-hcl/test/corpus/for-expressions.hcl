a = [for x in ["a"] : upper(x)]
b = { for x in ["a"] : x => 1 }
