services "api-${REGION}" {
}
