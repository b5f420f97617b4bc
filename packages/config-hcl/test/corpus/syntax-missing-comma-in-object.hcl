servers = [{ url = "a" weight = 1 }]
