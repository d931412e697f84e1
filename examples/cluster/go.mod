module github.com/wecomauth/wecomauth/examples/cluster

go 1.25.0

require (
	github.com/redis/rueidis v1.0.79
	github.com/wecomauth/wecomauth v0.0.0-00010101000000-000000000000
)

require (
	github.com/alexedwards/scs/v2 v2.9.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	rsc.io/qr v0.2.0 // indirect
)

replace github.com/wecomauth/wecomauth => ../..
