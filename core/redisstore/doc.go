// Package redisstore keeps scs sessions in Redis and reads them from this
// process's memory. A session is fetched once per instance; from then on Redis
// itself says when it changes, by RESP3 client-side caching. A logout on one
// instance reaches the others in milliseconds, and an authenticated request
// costs no round trip.
//
//	store, err := redisstore.New(redisstore.Config{
//		ClientOption: rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}},
//	})
//
// Keys and values are those of scs's own goredisstore, so a service can move
// between the two without logging anybody out.
//
// # What is promised
//
// An instance reads its own writes: after Commit or Delete has returned, Find on
// the same [Store] tells the new state. Other instances follow as soon as Redis's
// message arrives. A copy is never served after the key's time in Redis is up,
// even when that message is late.
//
// Nothing is served from memory that Redis can no longer call back. When the
// connection is lost all copies are dropped, and Find fails until Redis is
// reached again, which needs no restart. A connection that is dead without
// saying so is found out by a ping, and copies live on until then:
//
//	2 × ClientOption.Dialer.KeepAlive + ClientOption.ConnWriteTimeout
//
// which is 3 seconds unless set otherwise. During a failover Sentinel's own
// detection comes on top, as a client that still reaches only the old master
// cannot know of a new one.
//
// # What Redis must be
//
// Redis 6.2 or later, or a server that speaks RESP3 with CLIENT TRACKING and SET
// with PXAT; alone or with Sentinel; with TLS and ACL. Redis Cluster is refused:
// when a slot moves to another node, the old one does not report a key that is
// created later. So are replicas, which would break reading one's own writes,
// and proxies that do not pass on RESP3. SWAPDB is not reported by Redis: do not
// use it under a running service. An ACL user needs
//
//	~scs:session:* +client|tracking +client|caching +ping +get +pttl +set +del
//
// and, for All, +scan +mget. +role lets New tell that it has met a replica, and is
// required with Sentinel; +cluster|shards and +cluster|slots let it tell that it
// has met a cluster; +select is needed for a database other than 0.
//
// Redis remembers each key that was asked for, found or not, until it changes, in
// a table of tracking-table-max-keys keys (a million by default). When the table
// is full it reports some keys as changed, so that a flood of invented tokens
// costs fetches, never correctness.
package redisstore
