	services "api" {
		url = "	${NOT_SET}"
	}
