package core

import (
	"strings"
)

// A memoryEntry is a session of the default store in one piece of memory, the map's
// key included: among a million sessions each further piece that a request
// touches is a wait for memory, and costs more than decoding does. Numbers have 8
// bytes, big endian:
//
//	expiry (Unix nanoseconds) | token | entryLogin | deadline | login
//	expiry                    | token | entryData  | data
//
// The first is what every session is that holds a login and nothing else. It is the
// wall clock that counts, as in every other store: the monotonic one stands still
// while a machine is suspended, and a session that has ended would be back after it.
type memoryEntry string

const (
	entryData = iota
	entryLogin
)

func newEntry(token string, expiry int64, data []byte, key string) memoryEntry {
	form, rest := byte(entryData), data
	if deadline, raw, ok := findRecord(data, key); ok && login(raw).valid() && string(oneRecord(deadline, key, raw)) == string(data) {
		form, rest = entryLogin, append(appendInt64(nil, deadline), raw...)
	}
	const line = 64 // of the processor's cache; memory for whole lines begins where one does
	var b strings.Builder
	b.Grow((8 + len(token) + 1 + len(rest) + line - 1) / line * line)
	b.Write(appendInt64(nil, expiry))
	b.WriteString(token)
	b.WriteByte(form)
	b.Write(rest)
	return memoryEntry(b.String())
}

func (e memoryEntry) expiry() int64 { return readInt64(string(e)) }

func (e memoryEntry) token(size int) string { return string(e[8 : 8+size]) }

// login returns the login of the session with such a token, or "".
func (e memoryEntry) login(tokenLen int, key string) login {
	form, rest := e[8+tokenLen], e[8+tokenLen+1:]
	if form == entryLogin {
		return login(rest[8:])
	}
	if _, raw, ok := findRecord([]byte(rest), key); ok && login(raw).valid() {
		return login(raw)
	}
	return ""
}

// data returns what was committed.
func (e memoryEntry) data(tokenLen int, key string) []byte {
	form, rest := e[8+tokenLen], string(e[8+tokenLen+1:])
	if form == entryLogin {
		return oneRecord(readInt64(rest), key, rest[8:])
	}
	return []byte(rest)
}
