// Package stores tests core with real scs stores: two instances of one
// application over one Redis, with the store that scs has for it; and, once each,
// over PostgreSQL. What happens when they fail is in one table for each.
//
//	apt-get install redis-server postgresql
//	go test ./...
//
// Each test starts a redis-server of its own on a free port of the loopback
// address, which keeps nothing on disk, and ends it. What a request costs is
// Redis's own count of the commands that it ran.
//
// The clock is the real one, except where a minute has to pass. So times are
// only compared with what is promised, with a margin, and RevokeWithin is mostly
// one second, the least there is.
//
// Without redis-server or PostgreSQL the tests are skipped with a line on stderr,
// which make prints too, because go test ./... hides it; with CI in the environment
// they fail. PostgreSQL is run by the user postgres, or nobody, if we are root.
//
// It is a module of its own to keep clients of stores out of the library's go.mod.
package stores
