package main

import (
	"github.com/alexedwards/scs/v2"
	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// openRedisstore makes a store with a memory and connections of its own.
var openRedisstore = func(s *redisServer) (scs.Store, func()) {
	store := must(redisstore.New(redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{s.addr}}}))
	return store, store.Close
}
