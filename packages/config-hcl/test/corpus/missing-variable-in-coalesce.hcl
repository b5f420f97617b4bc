a = coalesce(NOT_SET, EMPTY)
b = coalesce(EMPTY, null)
