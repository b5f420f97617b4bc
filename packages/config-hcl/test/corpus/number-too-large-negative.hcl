servers = [{ weight = -9007199254740993 }]
