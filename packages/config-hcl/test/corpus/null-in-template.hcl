a = "${EMPTY}${null}"
b = "x${[1]}"
