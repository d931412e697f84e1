package core

// key is what tells two people of one company apart: the UserID, or else the
// OpenID.
func (id *Identity) key() string {
	if id.UserID != "" {
		return id.UserID
	}
	return id.OpenID
}

// somebody reports an identity that stands for one person.
func (id *Identity) somebody() bool {
	return id.CorpID != "" && (id.UserID == "") != (id.OpenID == "")
}

// samePerson compares as WeCom does: UserIDs without regard to the case of ASCII
// letters, everything else exactly.
func samePerson(a, b Identity) bool {
	return a.CorpID == b.CorpID && equalFoldASCII(a.UserID, b.UserID) && a.OpenID == b.OpenID
}

// foldASCII lowers ASCII letters and nothing else: Unicode folding would make
// one person of two.
func foldASCII(s string) string { return string(appendFolded(nil, s)) }

func appendFolded(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, lower(s[i]))
	}
	return b
}

func equalFoldASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte { return lowered[c] }

var lowered = func() (table [256]byte) {
	for c := range table {
		table[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			table[c] += 'a' - 'A'
		}
	}
	return table
}()
