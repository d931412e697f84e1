package wecom

// Codes are the error codes of the table.
func Codes() []int {
	var all []int
	for code := range codes {
		all = append(all, code)
	}
	return all
}
