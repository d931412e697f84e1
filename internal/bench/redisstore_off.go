//go:build !redisstore

package main

import "github.com/alexedwards/scs/v2"

// openRedisstore is nil: build with -tags redisstore to let core/redisstore take
// part. Once that package is there for good, delete this file and the tag.
var openRedisstore func(s *redisServer) (scs.Store, func())
