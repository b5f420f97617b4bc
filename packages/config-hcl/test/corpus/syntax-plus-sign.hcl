offset = +1
